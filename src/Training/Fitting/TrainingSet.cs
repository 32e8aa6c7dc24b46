using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training.Datasets;

namespace AdaptiveKv.Training.Fitting;

/// <summary>A dataset, ready to be learned from.</summary>
/// <param name="Features">With the scaling fitted on the training rows.</param>
/// <param name="Tiers">What labels stand for.</param>
/// <param name="Labels">Kind of labels.</param>
/// <param name="ModelSha256">The model that the tokens were collected with; empty where the dataset does not say.</param>
/// <param name="LossScale">What losses were divided by.</param>
/// <param name="Train">Rows to learn from.</param>
/// <param name="Validation">Rows to judge by.</param>
internal sealed record TrainingSet(
    IReadOnlyList<FeatureScale> Features,
    IReadOnlyList<KvTier> Tiers,
    string Labels,
    string ModelSha256,
    double LossScale,
    RowSet Train,
    RowSet Validation)
{
    /// <summary>Reads a table of the stage dataset.</summary>
    /// <exception cref="InvalidDataException">It is damaged, of another kind or newer; a split is empty, a feature has no value, or all labels are one.</exception>
    public static TrainingSet Read(string path, CancellationToken cancellation)
    {
        TableReader reader = TableReader.Open(path, DatasetTable.Common);
        (IReadOnlyList<SaliencyFeature> features, IReadOnlyList<KvTier> tiers) = Contents(reader.Metadata);
        string[] columns = [.. features.Select(SaliencyFeatures.Name), .. tiers.Select(tier => $"{DatasetTable.LossPrefix}{tier}")];
        RawRows train = new(features.Count, tiers.Count), validation = new(features.Count, tiers.Count);
        foreach (TableBatch batch in reader.Read(cancellation: cancellation))
        {
            for (int row = 0; row < batch.Rows; row++)
            {
                string split = batch.Values<string>(DatasetTable.Split)[row];
                RawRows rows = split switch
                {
                    DatasetTable.Train => train,
                    DatasetTable.Validation => validation,
                    _ => throw new InvalidDataException($"{path}: split '{split}' is unknown: make the file again with 'akv dataset'"),
                };
                float[] numbers = new float[columns.Length];
                for (int i = 0; i < columns.Length; i++)
                {
                    numbers[i] = batch.Values<float>(columns[i])[row];
                }

                rows.Add(numbers.AsSpan(0, features.Count), numbers.AsSpan(features.Count), batch.Values<int>(DatasetTable.Label)[row], path, batch.Values<string>(DatasetTable.Item)[row]);
            }
        }

        return Of(
            features,
            tiers,
            reader.Metadata.Provenance.GetValueOrDefault(DatasetTable.LabelKind) ?? string.Empty,
            reader.Metadata.Provenance.GetValueOrDefault(DatasetTable.Model) ?? string.Empty,
            train,
            validation,
            path);
    }

    /// <summary>Scales features by the training rows, and losses to the costs.</summary>
    /// <exception cref="InvalidDataException">A split is empty, a feature has no value, or all labels are one.</exception>
    public static TrainingSet Of(
        IReadOnlyList<SaliencyFeature> features, IReadOnlyList<KvTier> tiers, string labels, string modelSha256, RawRows train, RawRows validation, string path)
    {
        FeatureScale[] scales = [.. features.Select((feature, i) => train.Scale(feature, i, path))];
        Require(path, train, validation, tiers);
        double scale = train.LossScale();
        return new TrainingSet(scales, tiers, labels, modelSha256, scale, train.ToSet(scales, scale), validation.ToSet(scales, scale));
    }

    private static (IReadOnlyList<SaliencyFeature> Features, IReadOnlyList<KvTier> Tiers) Contents(TableMetadata metadata)
    {
        try
        {
            IReadOnlyList<SaliencyFeature> features = DatasetTable.Features(metadata.Schema!);
            return features.Count == 0
                ? throw new FormatException("no column is a feature")
                : (features, TierList.Parse(DatasetTable.LossTiers(metadata.Schema!)));
        }
        catch (FormatException exception)
        {
            throw new InvalidDataException($"{metadata.Path}: {exception.Message}: make the file again with 'akv dataset'");
        }
    }

    private static void Require(string path, RawRows train, RawRows validation, IReadOnlyList<KvTier> tiers)
    {
        if (train.Count == 0 || validation.Count == 0)
        {
            string empty = train.Count == 0 ? DatasetTable.Train : DatasetTable.Validation;
            throw new InvalidDataException($"{path}: the {empty} split is empty: collect more items, or change the share of validation or the seed");
        }

        int[] used = [.. train.UsedLabels.Distinct()];
        if (used.Length == 1)
        {
            throw new InvalidDataException(
                $"{path}: every training row is labelled {tiers[used[0]]} bits, so there is nothing to learn: collect more items, or take counterfactual labels with another epsilon or target_bits");
        }
    }
}
