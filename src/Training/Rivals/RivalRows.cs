using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Views;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Training.Views;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace AdaptiveKv.Training.Rivals;

/// <summary>A dataset as data of ML.NET, for trainers that learn its labels.</summary>
internal sealed class RivalRows
{
    private const string Features = "Features";
    private const string Label = "Label";

    // What a tier's probability is at least, as ML.NET's own log-loss has it: trees are sure of a leaf.
    private const double Least = 1e-15;

    private readonly MLContext ml;
    private readonly int seed;
    private readonly IDataView train;
    private readonly IDataView validation;
    private readonly int[] learned;
    private readonly int tiers;

    /// <param name="path">A table of the stage dataset.</param>
    /// <param name="set">The same table, checked.</param>
    /// <param name="seed">Of the trainers.</param>
    public RivalRows(string path, TrainingSet set, int seed)
    {
        (ml, this.seed) = (new MLContext(seed), seed);
        (train, validation) = (Of(DatasetTable.Train), Of(DatasetTable.Validation));
        (learned, tiers) = ([.. set.Train.Labels.Distinct().Order()], set.Tiers.Count);

        // What the predicate is true for is left out.
        IDataView Of(string split) => ml.Data.FilterByCustomPredicate<SplitOf>(ml.Data.LoadDataset(path), row => row.Split != split);
    }

    /// <summary>The features of the validation rows as they were collected, NaN where one is unknown, and their names.</summary>
    public (IReadOnlyList<string> Names, IEnumerable<float[]> Rows) Collected() => (validation.Schema[Features].SlotNames()!, validation.GetColumn<float[]>(Features));

    /// <summary>Trains on the training rows, their features brought to mean 0 and deviation 1 and unknown ones to 0, as the controller sees them.</summary>
    /// <returns>Logarithms of the probabilities that the validation rows have each tier as their label, [rows][tiers].</returns>
    public float[] LogProbabilities(Rival rival)
    {
        TransformerChain<ITransformer> model = ml.Transforms.NormalizeMeanVariance(Features, fixZero: false)
            .Append(ml.Transforms.ReplaceMissingValues(Features))
            .Append(ml.Transforms.Conversion.MapValueToKey(Label, keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue))
            .Append(rival.Trainer(ml, seed))
            .Fit(train);
        return [.. model.Transform(validation).GetColumn<float[]>("Score").SelectMany(Logarithms)];
    }

    // A tier that no training row is labelled with has no score.
    private float[] Logarithms(float[] scores)
    {
        float[] logarithms = new float[tiers];
        Array.Fill(logarithms, (float)Math.Log(Least));
        foreach ((int place, float score) in scores.Index())
        {
            logarithms[learned[place]] = (float)Math.Log(Math.Max(score, Least));
        }

        return logarithms;
    }

    private sealed class SplitOf
    {
        public string Split { get; set; } = string.Empty;
    }
}
