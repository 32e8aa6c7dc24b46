using System.Globalization;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Views;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Tests;
using AdaptiveKv.Training;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Unit.Training;

/// <summary>The trainer as a program of ML.NET uses it, on the dataset of the quickstart.</summary>
public sealed class PrecisionControllerTests : IDisposable
{
    private static readonly PrecisionControllerOptions Brief = new() { Hidden = [16], Epochs = 4 };

    private readonly TemporaryFolder folder = new();
    private readonly MLContext context = new(seed: 1);

    public PrecisionControllerTests() => TorchHere.Require();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Its_log_loss_is_the_trainers_cross_entropy()
    {
        // Bits of then: scales and minima of 16 bits each.
        TierCost[] costs = [.. ((BitWidth[])[BitWidth.Two, BitWidth.Three, BitWidth.Four, BitWidth.Eight]).Select(width => new TierCost(KvTier.Of(width), (int)width + 0.5, null))];
        PrecisionControllerOptions options = new() { Lambdas = [3, 10, 30], LatencyWeights = [1, 10, 30, 100], Patience = 20, Costs = costs };
        PrecisionControllerTransformer model = context.AdaptiveKv().PrecisionController(options).Fit(Rows());

        MulticlassClassificationMetrics metrics = context.MulticlassClassification.Evaluate(model.Transform(Rows(DatasetTable.Validation)), labelColumnName: "Label");

        IReadOnlyDictionary<string, double> trained = model.Model.Record.Metrics;
        Assert.Equal(1.462199, metrics.LogLoss, 1e-4);
        Assert.Equal(trained["loss_cross_entropy"], metrics.LogLoss, 1e-5);
        Assert.Equal(trained["label_accuracy"], metrics.MicroAccuracy, 1e-6);
        Assert.Equal((10.0, 1.0, 15.0), (trained["lambda"], trained["latency_weight"], trained["best_epoch"]));
        Assert.Equal(0.6168016, trained["gap_closed"], 5e-3);
    }

    [Fact]
    public void Folds_keep_items_whole_and_features_are_permuted()
    {
        IDataView rows = Rows();
        PrecisionControllerTrainer trainer = context.AdaptiveKv().PrecisionController(Brief);

        var folds = context.MulticlassClassification.CrossValidate(rows, trainer, 3, samplingKeyColumnName: "Item");

        string[][] heldOut = [.. folds.Select(fold => fold.ScoredHoldOutSet.GetColumn<string>("Item").Distinct().ToArray())];
        Assert.Equal(heldOut.Sum(items => items.Length), heldOut.SelectMany(items => items).Distinct().Count());
        Assert.Equal(1600, folds.Sum(fold => fold.ScoredHoldOutSet.GetColumn<uint>("PredictedLabel").Count()));
        Assert.All(folds, fold => Assert.InRange(fold.Metrics.LogLoss, 0.5, 2.5));

        PrecisionControllerTransformer model = trainer.Fit(rows);
        var importance = context.MulticlassClassification.PermutationFeatureImportance(model, rows, permutationCount: 2);
        Assert.Equal(9, importance.Length);
        Assert.True(importance.Max(feature => feature.LogLoss.Mean) > 0.005, string.Join(' ', importance.Select(feature => feature.LogLoss.Mean)));
    }

    [Fact]
    public void The_same_rows_and_options_give_the_same_bytes()
    {
        PrecisionControllerTransformer model = context.AdaptiveKv().PrecisionController(Brief).Fit(Rows());
        model.Save(folder["a"]);
        new MLContext(seed: 2).AdaptiveKv().PrecisionController(Brief).Fit(Rows()).Save(folder["b"]);
        model.SaveOnnx(folder["a.onnx"]);
        context.AdaptiveKv().PrecisionController(Brief with { Seed = 43 }).Fit(Rows()).Save(folder["c"]);

        Assert.Equal(File.ReadAllBytes(folder["a"]), File.ReadAllBytes(folder["b"]));
        Assert.NotEqual(File.ReadAllBytes(folder["a"]), File.ReadAllBytes(folder["c"]));
        Assert.Equal(ControllerOnnx.Of(model.Model), File.ReadAllBytes(folder["a.onnx"]));
        PrecisionControllerTransformer loaded = PrecisionControllerTransformer.Load(folder["a"]);
        Assert.Equal(Scores(model.Transform(Rows())), Scores(loaded.Transform(Rows())));
    }

    [Fact]
    public void Columns_are_those_of_ML_NETs_classifiers()
    {
        IDataView rows = Rows();
        PrecisionControllerTrainer trainer = context.AdaptiveKv().PrecisionController(Brief);
        EstimatorChain<PrecisionControllerTransformer> chain = context.Transforms.CopyColumns("Inputs", "Features")
            .Append(context.AdaptiveKv().PrecisionController(Brief with { FeatureColumnName = "Inputs" }));
        IDataView scored = chain.Fit(rows).Transform(rows);

        Assert.Equal(
            ["Item String", "Position Int32", "Split String", "Features Vector<Single, 9>", "Label Key<UInt32, 0-3>", "Losses Vector<Single, 4>", "Inputs Vector<Single, 9>", "PredictedLabel Key<UInt32, 0-3>", "Score Vector<Single, 4>"],
            scored.Schema.Select(column => $"{column.Name} {column.Type}"));
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        Assert.Equal("2 3 4 8", string.Join(' ', names.DenseValues()));
        scored.Schema["PredictedLabel"].GetKeyValues(ref names);
        Assert.Equal("2 3 4 8", string.Join(' ', names.DenseValues()));
        Assert.Equal(
            scored.GetColumn<VBuffer<float>>("Score").Select(score => (uint)Array.IndexOf(score.DenseValues().ToArray(), score.DenseValues().Max()) + 1),
            scored.GetColumn<uint>("PredictedLabel"));
        PrecisionControllerTransformer model = trainer.Fit(rows);
        var engine = context.Model.CreatePredictionEngine<Token, Choice>(model);
        Assert.Equal(Scores(model.Transform(rows)).Take(3), rows.GetColumn<VBuffer<float>>("Features").Take(3).Select(features => engine.Predict(new Token { Features = [.. features.DenseValues()] }).Score));
    }

    [Fact]
    public void Without_a_split_rows_are_parted_by_item()
    {
        PrecisionControllerTransformer model = context.AdaptiveKv().PrecisionController(Brief with { SplitColumnName = null, ValidationShare = 0.4, PredictsLoss = true }).Fit(Rows());

        IReadOnlyDictionary<string, double> metrics = model.Model.Record.Metrics;
        Assert.Equal(1600, metrics["train_rows"] + metrics["validation_rows"]);
        Assert.InRange(metrics["validation_rows"], 480, 800);
        Assert.True(model.Model.PredictsLoss);
    }

    [Fact]
    public void Defaults_are_those_of_the_stage()
    {
        TrainOptions stage = new TrainParams().ToOptions(), own = new PrecisionControllerOptions().ToTrainOptions();

        Assert.Equal(stage.Fit.Hidden, own.Fit.Hidden);
        Assert.Equal(stage.Weights, own.Weights);
        Assert.Equal(stage with { Fit = own.Fit, Weights = own.Weights }, own);
        Assert.Equal(stage.Fit with { Hidden = own.Fit.Hidden }, own.Fit);
    }

    [Fact]
    public void What_is_wrong_is_named()
    {
        IDataView rows = Rows();
        Refused("Epochs is 0: expected 1 to 100000 passes", Brief with { Epochs = 0 }, rows);
        Refused("Hidden is 16, 2000: expected 1 to 8 layers of 1 to 1024 units", Brief with { Hidden = [16, 2000] }, rows);
        Refused("Device is 'gpu': expected auto, cpu, cuda", Brief with { Device = "gpu" }, rows);
        Refused("there is no column 'Loss': expected a vector of Single", Brief with { LossColumnName = "Loss" }, rows);
        Refused("column 'Position' holds Int32: expected a key of UInt32 with 4 values", Brief with { LabelColumnName = "Position" }, rows);
        Refused("column 'Losses': unknown feature '2'", Brief with { FeatureColumnName = "Losses" }, rows);
        Refused("Costs are of the tiers 2: expected 2, 3, 4, 8", Brief with { Costs = [TierCost.Nominal(KvTier.Of(BitWidth.Two))] }, rows);
        Assert.Contains(
            "split '7' is unknown", Assert.Throws<InvalidDataException>(() => context.AdaptiveKv().PrecisionController(Brief with { SplitColumnName = "Item" }).Fit(rows)).Message, StringComparison.Ordinal);
        PrecisionControllerTransformer model = context.AdaptiveKv().PrecisionController(Brief).Fit(rows);
        Assert.Contains("SaveOnnx", Assert.Throws<NotSupportedException>(() => context.Model.Save(model, rows.Schema, folder["model.zip"])).Message, StringComparison.Ordinal);
        model.Save(folder["controller"]);
        Assert.Contains(
            "column 'Losses' holds Vector<Single, 4>: expected a vector of 9 Single",
            Assert.Throws<ArgumentException>(() => PrecisionControllerTransformer.Load(folder["controller"], "Losses").Transform(rows)).Message,
            StringComparison.Ordinal);
    }

    private static IEnumerable<float[]> Scores(IDataView view) => view.GetColumn<VBuffer<float>>("Score").Select(score => score.DenseValues().ToArray());

    private void Refused(string problem, PrecisionControllerOptions options, IDataView rows) =>
        Assert.Contains(problem, Assert.Throws<ArgumentException>(() => context.AdaptiveKv().PrecisionController(options).Fit(rows)).Message, StringComparison.Ordinal);

    // Golden/quickstart.csv as the stage dataset writes it, all rows or those of a split.
    private IDataView Rows(string? split = null)
    {
        string[][] lines = [.. File.ReadLines(Path.Combine(SharedFiles.Repository, "tests", "Unit", "Training", "Golden", "quickstart.csv")).Select(line => line.Split(','))];
        int label = Array.IndexOf(lines[0], "label");
        TableSchema schema = DatasetTable.For(
            [.. lines[0][3..label].Select(SaliencyFeatures.Parse)],
            [.. lines[0][(label + 1)..].Select(name => KvTier.TryParse(name["loss_".Length..], out KvTier tier) ? tier : throw new FormatException(name))]);
        string path = folder[$"{split ?? "all"}.parquet"];
        using TableWriter writer = new(path, schema);
        foreach (string[] line in lines.Skip(1).Where(line => split is null || line[2] == split))
        {
            writer.Add(line[0]).Add(Whole(line[1])).Add(line[2]);
            Array.ForEach(line[3..label], text => writer.Add(Number(text)));
            writer.Add(Whole(line[label]));
            Array.ForEach(line[(label + 1)..], text => writer.Add(Number(text)));
            writer.EndRow();
        }

        writer.Complete();
        return context.Data.LoadDataset(path);

        static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
        static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);
    }

    private sealed class Token
    {
        [VectorType(9)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Choice
    {
        public float[] Score { get; set; } = [];
    }
}
