using System.Text.Json;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training;
using AdaptiveKv.Unit.Policies.Budgets;

namespace AdaptiveKv.Unit.Training;

/// <summary>A controller of other features' scaling, fitted to tables as collect writes them: every feature is uniform from 0 to 4 there.</summary>
public sealed class RescaleStageTests : IDisposable
{
    private readonly StageTrial trial = new();
    private readonly Dictionary<string, string> deps;

    public RescaleStageTests()
    {
        ControllerFile.Write(trial["controller"], BudgetedCache.Controller);
        RarityTable.Of(50, [1, 2, 3]).Write(trial["rarity"], CollectedTables.Model);
        deps = new Dictionary<string, string>
        {
            ["controller"] = trial["controller"],
            ["tokens"] = $"{CollectedTables.WriteTokens(trial["a.parquet"], 60)}|{CollectedTables.WriteTokens(trial["b.parquet"], 60, first: 60)}",
            ["rarity"] = trial["rarity"],
        };
    }

    public void Dispose() => trial.Dispose();

    [Fact]
    public void Scaling_rarity_and_curve_are_the_new_tokens()
    {
        trial.Run(RescaleStage.Kind, deps);

        Controller old = BudgetedCache.Controller, fitted = ControllerFile.Read(trial["rescaled"]).Controller;
        Assert.All(fitted.Features, scale => Assert.Equal((2, 4 / Math.Sqrt(12)), (scale.Mean, scale.Deviation), Near(0.1)));
        Assert.Equal(old.Layers.SelectMany(layer => layer.Weights), fitted.Layers.SelectMany(layer => layer.Weights));
        Assert.Equal(50, fitted.Rarity!.Values.Length);
        RescaleRecord record = fitted.Record.Rescaled!;
        Assert.Equal((ControllerFile.Read(trial["controller"]).Sha256, CollectedTables.Model, 2280, true, true), (record.ControllerSha256, record.ModelSha256, record.Tokens, record.Features, record.Rarity));
        Assert.Equal((old.Record.DataSha256, old.Record.Seed, old.Record.Metrics.Count), (fitted.Record.DataSha256, fitted.Record.Seed, fitted.Record.Metrics.Count));
    }

    /// <summary>The curve holds on tokens that it was not measured on.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_curve_leads_to_the_wanted_bits_on_new_tokens(bool features)
    {
        deps["tokens"] = CollectedTables.WriteTokens(trial["e.parquet"], 500, first: 1000);
        trial.Run(RescaleStage.Kind, deps, new { features });
        Controller fitted = ControllerFile.Read(trial["rescaled"]).Controller;
        deps["tokens"] = CollectedTables.WriteTokens(trial["c.parquet"], 500, first: 200);
        using StageTrial other = new();
        other.Run(RescaleStage.Kind, deps, new { features });
        BudgetCurve there = ControllerFile.Read(other["rescaled"]).Controller.Budget!;

        foreach (double target in new[] { 3, 3.5, 4.5, 8 })
        {
            Assert.Equal(target, there.BitsAt(fitted.Budget!.PriceOf(target)), 0.03 * target);
        }
    }

    [Fact]
    public void Without_features_only_the_curve_and_the_rarity_change()
    {
        trial.Run(RescaleStage.Kind, deps, new { features = false });

        Controller fitted = ControllerFile.Read(trial["rescaled"]).Controller;
        Assert.Equal(BudgetedCache.Controller.Features, fitted.Features);
        Assert.NotEqual(BudgetedCache.Controller.Budget!.Prices, fitted.Budget!.Prices);
        Assert.False(fitted.Record.Rescaled!.Features);
    }

    [Fact]
    public void The_summary_tells_how_far_the_models_lie_apart()
    {
        trial.Run(RescaleStage.Kind, deps);

        JsonElement summary = trial.Json("summary");
        FeatureScale entropy = BudgetedCache.Controller.Features[0];
        Assert.Equal((2 - entropy.Mean) / entropy.Deviation, summary.GetProperty("shift").GetProperty("entropy").GetDouble(), 0.1);
        Assert.Equal(4 / Math.Sqrt(12) / entropy.Deviation, summary.GetProperty("stretch").GetProperty("entropy").GetDouble(), 0.1);
        Assert.Equal(["3", "3.5", "4.5"], summary.GetProperty("bits_before").EnumerateObject().Select(target => target.Name));
    }

    [Fact]
    public void A_controller_without_the_models_rarity_forgets_its_own()
    {
        deps.Remove("rarity");
        trial.Run(RescaleStage.Kind, deps);

        Assert.Null(ControllerFile.Read(trial["rescaled"]).Controller.Rarity);
        Assert.Contains(trial.Notes, note => note.StartsWith("no dep rarity", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_inputs_give_the_same_bytes()
    {
        trial.Run(RescaleStage.Kind, deps);
        byte[] first = File.ReadAllBytes(trial["rescaled"]);
        trial.Run(RescaleStage.Kind, deps);

        Assert.Equal(first, File.ReadAllBytes(trial["rescaled"]));
    }

    [Fact]
    public void A_feature_that_was_not_collected_is_named()
    {
        deps["tokens"] = CollectedTables.WriteTokens(trial["d.parquet"], 10, without: "confidence");

        Assert.Contains("feature 'confidence' has no value", Assert.Throws<InvalidDataException>(() => trial.Run(RescaleStage.Kind, deps)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_that_are_all_left_out_are_refused() => Assert.Contains(
        "no token is left after the first 20 of each item",
        Assert.Throws<InvalidDataException>(() => trial.Run(RescaleStage.Kind, deps, new { skip_first = 20 })).Message,
        StringComparison.Ordinal);

    /// <summary>Weights that only the old features' scaling kept small: the tables do not fit the controller, which is no fault of an option.</summary>
    [Fact]
    public void A_controller_that_overflows_on_the_new_tokens_is_refused_as_data()
    {
        Controller old = BudgetedCache.Controller;
        ControllerFile.Write(trial["controller"], new Controller(
            [.. old.Features.Select(scale => scale with { Deviation = scale.Deviation * 1e30f })],
            [old.Layers[0] with { Weights = [.. old.Layers[0].Weights.Select(weight => weight * 1e30f)] }, .. old.Layers.Skip(1)],
            old.Tiers,
            old.Record));

        string message = Assert.Throws<InvalidDataException>(() => trial.Run(RescaleStage.Kind, deps)).Message;
        Assert.Contains("a.parquet: the controller made of it is none: layer 0, output ", message, StringComparison.Ordinal);
    }

    private static EqualityComparer<(double, double)> Near(double distance) =>
        EqualityComparer<(double, double)>.Create((a, b) => Math.Abs(a.Item1 - b.Item1) < distance && Math.Abs(a.Item2 - b.Item2) < distance);
}
