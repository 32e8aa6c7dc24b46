using System.Collections.Immutable;
using AdaptiveKv.Data.Views;
using AdaptiveKv.Training;
using AdaptiveKv.Training.Datasets;
using AdaptiveKv.Training.Fitting;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace AdaptiveKv.Unit.Training;

/// <summary>
/// The stage "dataset" against a chain of ML.NET's own transforms over the same tables: joins, filters, vectors and scaling are theirs, and every value is the same. The stage itself
/// reads rows once and knows which table to blame for what is wrong with them.
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
    public void Counterfactual_labels()
    {
        trial.Run(DatasetStage.Kind, deps, new { target_bits = 6 });

        IDataView rows = ml.Data.FilterRowsByMissingValues(Chain(ml.Transforms.Concatenate("Losses", [.. Tiers.Select(tier => $"kl_{tier}")])), "Losses");
        TokenRow[] train = [.. Values(rows).Where(row => row.Split == ItemSplit.Train).Select(row => new TokenRow(row.Item, row.Position, row.Features, row.Losses, -1))];
        double epsilon = CounterfactualLabels.Solve(train, [2, 4, 8, 16], 6);
        Same(rows, row => CounterfactualLabels.Of(row.Losses, epsilon));
    }

    [Fact]
    public void The_scaling_of_a_controller_is_what_NormalizeMeanVariance_fits()
    {
        trial.Run(DatasetStage.Kind, deps, new { target_bits = 6 });

        IDataView rows = ml.Data.FilterByCustomPredicate<Side>(ml.Data.LoadDataset(trial["dataset"]), row => row.Split != ItemSplit.Train);
        NormalizingTransformer model = ml.Transforms.NormalizeMeanVariance("Features", fixZero: false).Fit(rows);
        NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>> scaling =
            (NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>>)model.GetNormalizerModelParameters(0);
        TrainingSet set = TrainingSet.Read(trial["dataset"], CancellationToken.None);
        Assert.Equal(set.Features.Select(scale => scale.Mean), scaling.Offset, (mean, offset) => Math.Abs(mean - offset) < 1e-5);
        Assert.Equal(set.Features.Select(scale => 1 / scale.Deviation), scaling.Scale, (own, fitted) => Math.Abs(own - fitted) < 1e-5);
    }

    private void Same(IDataView rows, Func<Row, int> label)
    {
        Row[] expected = [.. Values(rows)];
        Stored[] actual = [.. ml.Data.CreateEnumerable<Stored>(ml.Data.LoadDataset(trial["dataset"]), reuseRowObject: false)];
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair =>
        {
            Assert.Equal((pair.First.Item, pair.First.Position, pair.First.Split, label(pair.First) + 1), (pair.Second.Item, pair.Second.Position, pair.Second.Split, (int)pair.Second.Label));
            Assert.Equal(pair.First.Features, pair.Second.Features);
            Assert.Equal(pair.First.Losses, pair.Second.Losses);
        });
    }

    private IEnumerable<Row> Values(IDataView rows) => ml.Data.CreateEnumerable<Row>(rows, reuseRowObject: false);

    private IDataView Chain(IEstimator<ITransformer> labels)
    {
        ItemSplit split = new(42, 0.2);
        IDataView tokens = ml.Data.FilterByCustomPredicate<Place>(ml.Data.LoadFromParquet(deps["tokens"].Split('|')), row => row.Position < 1);
        return ml.Transforms.Concatenate("Features", Features)
            .Append(labels)
            .Append(ml.Transforms.CustomMapping<Text, Side>((row, side) => side.Split = split.Of(row.Item), null))
            .Fit(tokens).Transform(tokens);
    }

    private class Place
    {
        [ColumnName("position")]
        public int Position { get; set; }
    }

    private sealed class Text
    {
        [ColumnName("item")]
        public string Item { get; set; } = string.Empty;
    }

    private sealed class Side
    {
        public string Split { get; set; } = string.Empty;
    }

    private sealed class Row : Place
    {
        [ColumnName("item")]
        public string Item { get; set; } = string.Empty;

        public string Split { get; set; } = string.Empty;

        public float[] Features { get; set; } = [];

        public float[] Losses { get; set; } = [];
    }

    private sealed class Stored
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
