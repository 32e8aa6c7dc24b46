using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training;
using AdaptiveKv.Unit.Torch;

namespace AdaptiveKv.Unit.Training;

/// <summary>From tables as collect writes them to a controller that knows what they hold.</summary>
public sealed class TrainStageTests : IDisposable
{
    private const string Costs = """{"tiers": {"2": {"ms": 10, "bits": 2.53}, "4": {"ms": 12, "bits": 4.55}, "8": {"ms": 11, "bits": 8.6}, "16": {"ms": 20, "bits": 16.1}}}""";

    private readonly StageTrial trial = new();
    private readonly Dictionary<string, string> deps;

    public TrainStageTests()
    {
        TorchHere.Require();
        RarityTable.Of(50, [1, 2, 3]).Write(trial["rarity"], CollectedTables.Model);
        deps = new Dictionary<string, string> { ["dataset"] = Dataset("tokens.parquet", new { epsilon = 0.01 }), ["rarity"] = trial["rarity"] };
    }

    public void Dispose() => trial.Dispose();

    [Fact]
    public void What_two_features_decide_is_learned()
    {
        trial.Run(TrainStage.Kind, deps, new { epochs = 30, latency_weight = 0.1, lambda = 0.1 });

        JsonElement metrics = trial.Json("metrics");
        Assert.True(metrics.GetProperty("label_accuracy").GetDouble() > 0.9, metrics.ToString());
        Assert.True(metrics.GetProperty("gap_closed").GetDouble() > 0.8, metrics.ToString());
        Assert.Equal(1, new[] { 2, 4, 8, 16 }.Sum(bits => metrics.GetProperty($"share_{bits}").GetDouble()), 1e-6);
        Controller controller = ControllerFile.Read(trial["controller"]).Controller;
        float[] saliency = [.. SaliencyFeatures.All.Select(_ => float.NaN)];
        Assert.Equal([0, 1, 2, 3], new[] { (1f, 3f), (1f, 0.5f), (3.5f, 3f), (3.5f, 0.5f) }.Select(pair =>
        {
            (saliency[(int)SaliencyFeature.Entropy], saliency[(int)SaliencyFeature.Confidence]) = pair;
            return controller.Choose(saliency, 0);
        }));
        Assert.Equal((CollectedTables.Model, "counterfactual"), (controller.Record.ModelSha256, controller.Record.Labels));
        Assert.Equal(ControllerOnnx.Of(controller), File.ReadAllBytes(trial["onnx"]));
        Assert.Equal(50, controller.Rarity!.Values.Length);
        Assert.True(controller.Budget!.PriceOf(3) > controller.Budget.PriceOf(6));
    }

    [Fact]
    public void The_history_holds_what_the_report_draws()
    {
        trial.Run(TrainStage.Kind, deps, new { epochs = 12, lambdas = new[] { 0.5, 2 }, latency_weights = new[] { 0, 1.5 }, seeds = 3, hidden = new[] { 16, 8 } });

        JsonElement history = trial.Json("history");
        JsonElement epoch = history.GetProperty("epochs")[11];
        foreach (string split in new[] { "train", "validation" })
        {
            JsonElement terms = epoch.GetProperty(split);
            double total = terms.GetProperty("cross_entropy").GetDouble()
                + (history.GetProperty("latency_weight").GetDouble() * terms.GetProperty("latency").GetDouble())
                + (history.GetProperty("lambda").GetDouble() * terms.GetProperty("accuracy").GetDouble());
            Assert.Equal(total, terms.GetProperty("total").GetDouble(), 1e-5);
            Assert.InRange(terms.GetProperty("correct").GetDouble(), 0, 1);
        }

        int validation = history.GetProperty("rows").GetProperty("validation").GetInt32();
        Assert.Equal(validation, history.GetProperty("confusion").EnumerateArray().Sum(row => row.EnumerateArray().Sum(count => count.GetInt32())));
        Assert.Equal(validation, history.GetProperty("calibration").EnumerateArray().Sum(bin => bin.GetProperty("n").GetInt32()));
        JsonElement[] tried = [.. history.GetProperty("lambdas").EnumerateArray()];
        Assert.Equal(
            ["0.5 0", "0.5 1.5", "2 0", "2 1.5"],
            tried.Select(weights => $"{weights.GetProperty("lambda")} {weights.GetProperty("latency_weight")}"));
        Assert.Equal(
            tried.Min(weights => weights.GetProperty("matched_loss").GetDouble()),
            history.GetProperty("seeds")[0].GetProperty("matched_loss").GetDouble());
        Assert.Equal(3, history.GetProperty("seeds").GetArrayLength());
        Assert.Equal(64, history.GetProperty("data_sha256").GetString()!.Length);
        Dictionary<string, double> importance = history.GetProperty("importance").EnumerateArray()
            .ToDictionary(feature => feature.GetProperty("feature").GetString()!, feature => feature.GetProperty("increase").GetDouble());
        Assert.True(Math.Min(importance["entropy"], importance["confidence"]) > 10 * Math.Max(importance["rarity"], importance["attention_variance"]));
        Assert.Equal(1, history.GetProperty("format").GetInt32());
        Assert.InRange(history.GetProperty("best_epoch").GetInt32(), 1, 12);
        Assert.NotEmpty(history.GetProperty("budget").EnumerateArray());
    }

    [Fact]
    public void A_heavier_cost_moves_the_mix_and_its_collapse_is_said()
    {
        double[] bits = [.. new[] { 0.0, 1, 100 }.Select(weight =>
        {
            trial.Run(TrainStage.Kind, deps, new { epochs = 15, latency_weight = weight, lambda = 0.0 });
            return trial.Json("metrics").GetProperty("mean_bits").GetDouble();
        })];

        Assert.True(bits[0] > bits[1] && bits[1] > bits[2], string.Join(' ', bits));
        Assert.True(trial.Json("metrics").GetProperty("share_2").GetDouble() >= 0.99, trial.Json("metrics").ToString());
        Assert.Contains(trial.Notes, note => note.StartsWith("nearly all choices are 2 bits: ", StringComparison.Ordinal));
        trial.Run(TrainStage.Kind, deps, new { epochs = 15, latency_weight = 1.0, lambda = 20.0 });
        Assert.True(trial.Json("metrics").GetProperty("mean_bits").GetDouble() > bits[1]);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        byte[][] first = Outs(new { epochs = 5 });

        Assert.Equal(first, Outs(new { epochs = 5 }));
        Assert.NotEqual(first[0], Outs(new { epochs = 5, seed = 43 })[0]);
    }

    [Fact]
    public void Measured_costs_are_kept_and_weigh()
    {
        File.WriteAllText(trial["costs.json"], Costs);
        deps["costs"] = trial["costs.json"];
        trial.Run(TrainStage.Kind, deps, new { epochs = 2 });

        Assert.Equal(
            [new TierCost(KvTier.Of(BitWidth.Two), 2.53, 10), new TierCost(KvTier.Of(BitWidth.Four), 4.55, 12), new TierCost(KvTier.Of(BitWidth.Eight), 8.6, 11), new TierCost(KvTier.Of(BitWidth.Sixteen), 16.1, 20)],
            ControllerFile.Read(trial["controller"]).Controller.Tiers);
        File.WriteAllText(trial["costs.json"], Costs.Replace("\"8\"", "\"9\"", StringComparison.Ordinal));
        Refused<InvalidDataException>("no cost of 8 bits", new { });
        File.WriteAllText(trial["costs.json"], "{}");
        Refused<InvalidDataException>("no table of costs", new { });
    }

    [Fact]
    public void Labels_of_items_train_too()
    {
        deps["dataset"] = Dataset("tokens.parquet", new { labels = "example" });
        trial.Run(TrainStage.Kind, deps, new { epochs = 3, class_weights = "balanced", patience = 1 });

        Assert.Equal("example", ControllerFile.Read(trial["controller"]).Controller.Record.Labels);
    }

    [Fact]
    public void Bad_input_is_named_with_its_remedy()
    {
        Refused<ConfigurationException>("hidden: has 9 elements: expected 1 to 8, each a whole number from 1 to 1024", new { hidden = Enumerable.Repeat(8, 9) });
        Refused<ConfigurationException>("device: is 'gpu': expected auto, cpu, cuda, or one of several such as cuda:1", new { device = "gpu" });
        string good = deps["dataset"];
        deps["dataset"] = Dataset("tokens.parquet", new { epsilon = 100 });
        Refused<InvalidDataException>("every training row is labelled 2 bits, so there is nothing to learn", new { });
        deps["dataset"] = trial["tokens.parquet"];
        Refused<InvalidDataException>("a table 'dataset' is expected", new { });
        deps["dataset"] = trial["rarity"];
        Assert.ThrowsAny<InvalidDataException>(() => trial.Run(TrainStage.Kind, deps));
        (deps["dataset"], deps["rarity"]) = (good, trial["controller"]);
        ControllerFile.Write(trial["controller"], Policies.Control.Sample.Controller(2));
        Refused<ModelFormatException>("this is no rarity table", new { });
        deps.Remove("rarity");
        trial.Run(TrainStage.Kind, deps, new { epochs = 1 });
        Assert.Contains(trial.Notes, note => note.StartsWith("no dep rarity", StringComparison.Ordinal));
    }

    [Fact]
    public void The_mean_of_the_seeds_is_one_controller()
    {
        trial.Run(TrainStage.Kind, deps, new { epochs = 20, seeds = 3, hidden = new[] { 16, 8 }, keep = "mean", latency_weight = 0.1, lambda = 0.1 });

        JsonElement metrics = trial.Json("metrics");
        Assert.True(metrics.GetProperty("matched_loss").GetDouble() <= metrics.GetProperty("seeds_loss_mean").GetDouble(), metrics.ToString());
        Assert.Equal([48, 24], ControllerFile.Read(trial["controller"]).Controller.Layers.SkipLast(1).Select(layer => layer.Outputs));
        Refused<ConfigurationException>("keep: is mean: 3 networks of [500] units side by side have more than", new { seeds = 3, hidden = new[] { 500 }, keep = "mean" });
    }

    [Fact]
    public void Cancelling_ends_the_training()
    {
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(200));

        Assert.ThrowsAny<OperationCanceledException>(() => trial.Run(TrainStage.Kind, deps, new { epochs = 100_000 }, source.Token));
        Assert.False(File.Exists(trial["controller"]));
    }

    private string Dataset(string tokens, object given)
    {
        using StageTrial stage = new();
        Dictionary<string, string> tables = new()
        {
            ["tokens"] = CollectedTables.WriteTokens(trial[tokens], 200),
            ["items"] = CollectedTables.WriteItems(trial["items.parquet"], 200),
        };
        stage.Run(DatasetStage.Kind, tables, given);
        string path = trial[$"dataset-{Directory.GetFiles(System.IO.Path.GetDirectoryName(trial["x"])!).Length}"];
        File.Copy(stage["dataset"], path);
        return path;
    }

    private byte[][] Outs(object given)
    {
        trial.Run(TrainStage.Kind, deps, given);
        return [.. new[] { "controller", "history", "metrics", "onnx" }.Select(name => File.ReadAllBytes(trial[name]))];
    }

    private void Refused<T>(string problem, object given)
        where T : Exception => Assert.Contains(problem, Assert.Throws<T>(() => trial.Run(TrainStage.Kind, deps, given)).Message, StringComparison.Ordinal);
}
