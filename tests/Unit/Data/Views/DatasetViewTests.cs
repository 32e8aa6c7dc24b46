using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Views;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Unit.Data.Views;

/// <summary>The dataset as trainers of ML.NET want it.</summary>
public sealed class DatasetViewTests : IDisposable
{
    private const int Rows = 400;

    private readonly TableFolder folder = new();
    private readonly MLContext context = new(seed: 1);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void FeaturesAndLossesAreVectorsWithNames()
    {
        IDataView view = context.Data.LoadDataset(Write());

        Assert.Equal(
            ["Item String", "Position Int32", "Split String", "Features Vector<Single, 2>", "Label Key<UInt32, 0-2>", "Losses Vector<Single, 3>"],
            view.Schema.Select(column => $"{column.Name} {column.Type}"));
        Assert.Equal(["entropy", "key_norm"], Names(view.Schema["Features"], "SlotNames"));
        Assert.Equal(["2", "k3v2", "16"], Names(view.Schema["Losses"], "SlotNames"));
        Assert.Equal(["2", "k3v2", "16"], Names(view.Schema["Label"], ViewAnnotations.KeyValues));
        Assert.Equal([1u, 2, 3, 1], view.GetColumn<uint>("Label").Take(4));
        Assert.Equal(["train", "train", "train", "train", "validation"], view.GetColumn<string>("Split").Take(5));
        Assert.Equal("item-1", view.GetColumn<string>("Item").ElementAt(10));
        Assert.Equal([[0f, 0f], [1f, 0.5f], [float.NaN, 1f]], view.GetColumn<VBuffer<float>>("Features").Take(3).Select(value => value.DenseValues().ToArray()));
        Assert.Equal([0.25f, 0.125f, 0f], view.GetColumn<VBuffer<float>>("Losses").ElementAt(1).DenseValues());
    }

    [Fact]
    public void ATrainerLearnsFromIt()
    {
        IDataView view = context.Data.LoadDataset(Write());
        DataOperationsCatalog.TrainTestData split = context.Data.TrainTestSplit(view, 0.25, samplingKeyColumnName: "Item", seed: 1);
        var trainer = context.Transforms.ReplaceMissingValues("Features")
            .Append(context.Transforms.NormalizeMeanVariance("Features", fixZero: false))
            .Append(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy());

        MulticlassClassificationMetrics metrics = context.MulticlassClassification.Evaluate(trainer.Fit(split.TrainSet).Transform(split.TestSet));

        Assert.InRange(metrics.MicroAccuracy, 0.9, 1);
        HashSet<string> train = [.. split.TrainSet.GetColumn<string>("Item")];
        Assert.DoesNotContain(split.TestSet.GetColumn<string>("Item"), train.Contains);
    }

    [Fact]
    public void AnotherTableIsRefused() =>
        Assert.EndsWith("holds a table 'tokens': a table 'dataset' is expected", Assert.Throws<InvalidDataException>(() => context.Data.LoadDataset(folder.WriteTokens("t.parquet", 3))).Message, StringComparison.Ordinal);

    // What is right is told by the second feature.
    private string Write()
    {
        TableSchema schema = DatasetTable.For([SaliencyFeature.Entropy, SaliencyFeature.KeyNorm], [KvTier.Of(BitWidth.Two), new(BitWidth.Three, BitWidth.Two), KvTier.Of(BitWidth.Sixteen)]);
        using TableWriter writer = new(folder["dataset.parquet"], schema);
        for (int row = 0; row < Rows; row++)
        {
            writer.Add($"item-{row / 10}").Add(row % 10).Add(row % 5 == 4 ? DatasetTable.Validation : DatasetTable.Train);
            (row % 7 == 2 ? writer.AddNull() : writer.Add((float)(row % 7))).Add(row % 3 * 0.5f).Add(row % 3).Add(0.25f).Add(0.125f).Add(0f).EndRow();
        }

        writer.Complete();
        return folder["dataset.parquet"];
    }

    private static string[] Names(DataViewSchema.Column column, string kind)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue(kind, ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }
}
