using System.Collections.Immutable;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Views;
using AdaptiveKv.Training;
using AdaptiveKv.Training.Datasets;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Unit.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace AdaptiveKv.Unit.Training;

/// <summary>
/// The stage "dataset" against a chain of estimators over the same table: filters, vectors and scaling are ML.NET's, split and labels those of <see cref="AdaptiveKvCatalog"/>, and every
/// value is the same.
/// </summary>
public sealed class DatasetChainTests : IDisposable
{
    private static readonly string[] Tiers = ["2", "4", "8", "16"];
    private static readonly string[] Features = ["entropy", "rarity", "attention_variance", "confidence"];

    private readonly MLContext ml = new(1);
    private readonly StageTrial trial = new();
    private readonly Dictionary<string, string> deps;

    public DatasetChainTests() => deps = new()
    {
        ["tokens"] = $"{CollectedTables.WriteTokens(trial["a.parquet"], 40)}|{CollectedTables.WriteTokens(trial["b.parquet"], 30, first: 40)}",
        ["items"] = CollectedTables.WriteItems(trial["items.parquet"], 70),
    };

    public void Dispose() => trial.Dispose();

    [Fact]
    public void The_rows_are_those_of_the_stage()
    {
        trial.Run(DatasetStage.Kind, deps, new { target_bits = 6 });

        IDataView rows = Rows();
        Row[] made = [.. ml.Data.CreateEnumerable<Row>(ml.AdaptiveKv().CounterfactualLabels(targetBits: 6).Fit(rows).Transform(rows), reuseRowObject: false)];
        Row[] stored = [.. ml.Data.CreateEnumerable<Row>(ml.Data.LoadDataset(trial["dataset"]), reuseRowObject: false)];
        Assert.Equal(stored.Length, made.Length);
        Assert.All(stored.Zip(made), pair =>
        {
            Assert.Equal((pair.First.Item, pair.First.Position, pair.First.Split, pair.First.Label), (pair.Second.Item, pair.Second.Position, pair.Second.Split, pair.Second.Label));
            Assert.Equal(pair.First.Features, pair.Second.Features);
            Assert.Equal(pair.First.Losses, pair.Second.Losses);
        });
    }

    [Fact]
    public void The_rows_with_labels_of_whole_items_are_those_of_the_stage()
    {
        trial.Run(DatasetStage.Kind, deps, new { labels = "example" });

        IDataView tokens = Tokens();
        IDataView rows = ml.AdaptiveKv().ExampleLabels([deps["items"]], Tiers).Append(ml.AdaptiveKv().SplitByItem(itemColumnName: "item")).Fit(tokens).Transform(tokens);
        rows = ml.Data.FilterRowsByMissingValues(rows, "Losses");
        IDataView stored = ml.Data.LoadDataset(trial["dataset"]);
        Assert.Equal(stored.GetColumn<string>("Item"), rows.GetColumn<string>("item"));
        Assert.Equal(stored.GetColumn<uint>("Label"), rows.GetColumn<uint>("Label"));
        Assert.Equal(stored.GetColumn<float[]>("Losses"), rows.GetColumn<float[]>("Losses"));
        Assert.Equal(stored.GetColumn<string>("Split"), rows.GetColumn<string>("Split"));
    }

    [Fact]
    public void A_chain_from_tokens_to_a_controller_ends_where_the_stages_do()
    {
        TorchHere.Require();
        PrecisionControllerOptions options = new() { Epochs = 5 };
        trial.Run(DatasetStage.Kind, deps, new { target_bits = 6 });
        PrecisionControllerTransformer stored = ml.AdaptiveKv().PrecisionController(options).Fit(ml.Data.LoadDataset(trial["dataset"]));
        PrecisionControllerTransformer chained = ml.AdaptiveKv().CounterfactualLabels(targetBits: 6).Append(ml.AdaptiveKv().PrecisionController(options)).Fit(Rows()).LastTransformer;

        Assert.Equal(stored.Model.Layers.SelectMany(layer => layer.Weights), chained.Model.Layers.SelectMany(layer => layer.Weights));
        Assert.Equal(stored.Model.Record.Metrics, chained.Model.Record.Metrics);
    }

    [Fact]
    public void Rows_that_cannot_be_labelled_are_refused()
    {
        IDataView unnamed = ml.Transforms.Concatenate("Losses", [.. Tiers.Select(tier => $"kl_{tier}")]).Fit(Tokens()).Transform(Tokens());
        Assert.Contains("'kl_2' is no tier", Assert.Throws<ArgumentException>(() => ml.AdaptiveKv().CounterfactualLabels().Fit(unnamed)).Message, StringComparison.Ordinal);
        Assert.Contains("expected 0 to 16 bits", Assert.Throws<ArgumentException>(() => ml.AdaptiveKv().CounterfactualLabels(-1)).Message, StringComparison.Ordinal);
        Assert.Contains("expected a share above 0 and below 1", Assert.Throws<ArgumentException>(() => ml.AdaptiveKv().SplitByItem(1)).Message, StringComparison.Ordinal);
        IDataView validation = ml.Data.FilterByCustomPredicate<Side>(Rows(), row => row.Split == DatasetTable.Train);
        Assert.Contains("no row is of the split 'train'", Assert.Throws<ArgumentException>(() => ml.AdaptiveKv().CounterfactualLabels().Fit(validation)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_scaling_of_a_controller_is_what_NormalizeMeanVariance_fits()
    {
        trial.Run(DatasetStage.Kind, deps, new { target_bits = 6 });

        IDataView rows = ml.Data.FilterByCustomPredicate<Side>(ml.Data.LoadDataset(trial["dataset"]), row => row.Split != DatasetTable.Train);
        NormalizingTransformer model = ml.Transforms.NormalizeMeanVariance("Features", fixZero: false).Fit(rows);
        NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>> scaling =
            (NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>>)model.GetNormalizerModelParameters(0);
        TrainingSet set = TrainingSet.Read(trial["dataset"], CancellationToken.None);
        Assert.Equal(set.Features.Select(scale => scale.Mean), scaling.Offset, (mean, offset) => Math.Abs(mean - offset) < 1e-5);
        Assert.Equal(set.Features.Select(scale => 1 / scale.Deviation), scaling.Scale, (own, fitted) => Math.Abs(own - fitted) < 1e-5);
    }

    private IDataView Tokens() => ml.Data.FilterByCustomPredicate<Place>(ml.Data.LoadFromParquet(deps["tokens"].Split('|')), row => row.Position < 1);

    // The first token of an item is left out, and tokens whose losses were not measured.
    private IDataView Rows()
    {
        IDataView tokens = Tokens();
        return ml.Data.FilterRowsByMissingValues(
            ml.Transforms.CopyColumns("Item", "item")
                .Append(ml.Transforms.CopyColumns("Position", "position"))
                .Append(ml.AdaptiveKv().Losses(Tiers))
                .Append(ml.Transforms.Concatenate("Features", Features))
                .Append(ml.AdaptiveKv().SplitByItem())
                .Fit(tokens).Transform(tokens),
            "Losses");
    }

    private sealed class Place
    {
        [ColumnName("position")]
        public int Position { get; set; }
    }

    private sealed class Side
    {
        public string Split { get; set; } = string.Empty;
    }

    private sealed class Row
    {
        public string Item { get; set; } = string.Empty;

        public int Position { get; set; }

        public string Split { get; set; } = string.Empty;

        public float[] Features { get; set; } = [];

        public float[] Losses { get; set; } = [];

        [KeyType(4)]
        public uint Label { get; set; }
    }
}
