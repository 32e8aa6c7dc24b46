using System.Text.Json;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training;

namespace AdaptiveKv.Unit.Training;

/// <summary>Two features decide what a token needs; a controller written by hand knows nothing of it, and trees find it out.</summary>
public sealed class RivalsStageTests : IDisposable
{
    private static readonly string[] Rivals = ["fast_tree", "lbfgs_maximum_entropy", "light_gbm"];

    private readonly StageTrial trial = new();
    private readonly Dictionary<string, string> deps = [];

    public RivalsStageTests()
    {
        Dictionary<string, string> tables = new()
        {
            ["tokens"] = CollectedTables.WriteTokens(trial["tokens.parquet"], 60),
            ["items"] = CollectedTables.WriteItems(trial["items.parquet"], 60),
        };
        trial.Run(DatasetStage.Kind, tables, new { epsilon = 0.01 });
        deps["dataset"] = trial["dataset"];
        deps["controller"] = Controller(SaliencyFeature.Rarity, [2, 4, 8, 16]);
    }

    public void Dispose() => trial.Dispose();

    [Fact]
    public void Trees_find_what_a_controller_of_chance_does_not_know()
    {
        trial.Run(RivalsStage.Kind, deps);

        JsonElement metrics = trial.Json("metrics");
        Assert.True(metrics.GetProperty("fast_tree_gap_closed").GetDouble() > 0.9, metrics.ToString());
        Assert.InRange(metrics.GetProperty("controller_gap_closed").GetDouble(), -0.4, 0.4);
        Assert.True(metrics.GetProperty("fast_tree_loss_above_high").GetDouble() < 0, metrics.ToString());
        Assert.All(Rivals.Where(name => metrics.TryGetProperty($"{name}_gap_closed", out _)).Prepend("controller"), name =>
        {
            foreach (string figure in (string[])["matched_loss", "gap_closed", "label_accuracy"])
            {
                Assert.InRange(metrics.GetProperty($"{name}_{figure}").GetDouble(), metrics.GetProperty($"{name}_{figure}_low").GetDouble(), metrics.GetProperty($"{name}_{figure}_high").GetDouble());
            }
        });
        string table = File.ReadAllText(trial["table"]);
        Assert.All(Rivals, name => Assert.Contains(name, table, StringComparison.Ordinal));
        Assert.Contains("| controller | ", table, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes()
    {
        byte[][] first = Outs();

        Assert.Equal(first, Outs());

        byte[][] Outs()
        {
            trial.Run(RivalsStage.Kind, deps);
            return [File.ReadAllBytes(trial["metrics"]), File.ReadAllBytes(trial["table"])];
        }
    }

    [Fact]
    public void A_controller_of_other_rows_is_refused()
    {
        deps["controller"] = Controller(SaliencyFeature.Rarity, [2, 4, 8]);
        Refused("chooses from 2, 4, 8 bits, and ");
        deps["controller"] = Controller(SaliencyFeature.KeyNorm, [2, 4, 8, 16]);
        Refused("reads the feature 'key_norm', which ");
    }

    private void Refused(string problem) =>
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => trial.Run(RivalsStage.Kind, deps)).Message, StringComparison.Ordinal);

    // A line over one feature.
    private string Controller(SaliencyFeature feature, int[] tiers)
    {
        string path = trial[$"controller-{feature}-{tiers.Length}"];
        DenseLayer[] layers = [new(1, 1, [1], [2]), new(1, tiers.Length, [.. tiers.Select(bits => bits / 16f)], new float[tiers.Length])];
        ControllerFile.Write(path, new Controller(
            [new FeatureScale(feature, 2, 1)], layers, [.. tiers.Select(bits => TierCost.Nominal(KvTier.Of((BitWidth)bits)))], Policies.Control.Sample.Controller(2).Record));
        return path;
    }
}
