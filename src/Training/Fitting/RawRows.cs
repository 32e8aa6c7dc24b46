using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training.Datasets;

namespace AdaptiveKv.Training.Fitting;

/// <summary>Rows of one split as they stand in the file.</summary>
/// <param name="width">Features.</param>
/// <param name="tiers">Tiers.</param>
internal sealed class RawRows(int width, int tiers)
{
    private readonly List<float> features = [];
    private readonly List<float> losses = [];
    private readonly List<int> labels = [];
    private readonly List<int> items = [];
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);

    public int Count => labels.Count;

    public IReadOnlyList<int> UsedLabels => labels;

    /// <summary>Takes a row.</summary>
    /// <param name="rowFeatures">Raw; NaN where one is unknown.</param>
    /// <param name="rowLosses">By tier.</param>
    /// <param name="label">Place of the right tier.</param>
    /// <param name="path">For errors.</param>
    /// <param name="item">What it is a token of; null for one by itself.</param>
    /// <exception cref="InvalidDataException">The label is none of the tiers, or a loss is no number.</exception>
    public void Add(ReadOnlySpan<float> rowFeatures, ReadOnlySpan<float> rowLosses, int label, string path, string? item = null)
    {
        if (label < 0 || label >= tiers)
        {
            throw new InvalidDataException($"{path}: label {label} is none of 0 to {tiers - 1}: make the file again with 'akv dataset'");
        }

        foreach (float loss in rowLosses)
        {
            losses.Add(float.IsFinite(loss) ? loss : throw new InvalidDataException($"{path}: a loss is {loss}: make the file again with 'akv dataset'"));
        }

        labels.Add(label);
        item ??= $"\0{labels.Count}";
        numbers.TryAdd(item, numbers.Count);
        items.Add(numbers[item]);
        features.AddRange(rowFeatures);
    }

    /// <summary>How a feature is brought to mean 0 and deviation 1; one that never changes keeps its size.</summary>
    public FeatureScale Scale(SaliencyFeature feature, int index, string path)
    {
        FeatureMoments moments = FeatureMoments.Of(Enumerable.Range(0, Count).Select(row => features[(row * width) + index]));
        return moments.Rows > 0 || Count == 0
            ? new FeatureScale(feature, (float)moments.Mean, moments.Std > 0 ? (float)moments.Std : 1f)
            : throw new InvalidDataException(
                $"{path}: feature '{SaliencyFeatures.Name(feature)}' has no value in any training row: collect it, or leave it out of the features");
    }

    /// <summary>What the cheapest tier loses more than the dearest, mean over the rows: then losses and costs are on one scale. 1 where it loses nothing.</summary>
    public double LossScale()
    {
        double sum = 0;
        for (int row = 0; row < Count; row++)
        {
            sum += losses[row * tiers] - (double)losses[(row * tiers) + tiers - 1];
        }

        return sum > 0 ? Figure.Round(sum / Count) : 1;
    }

    public RowSet ToSet(IReadOnlyList<FeatureScale> scales, double lossScale)
    {
        float[] inputs = new float[features.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            FeatureScale scale = scales[i % width];
            inputs[i] = float.IsFinite(features[i]) ? (features[i] - scale.Mean) / scale.Deviation : 0f;
        }

        return new RowSet(inputs, [.. labels], [.. losses.Select(loss => (float)(loss / lossScale))]) { Items = [.. items] };
    }
}
