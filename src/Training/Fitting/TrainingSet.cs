using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
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
        Dictionary<string, RawRows> splits = new(StringComparer.Ordinal)
        {
            [ItemSplit.Train] = new RawRows(features.Count, tiers.Count),
            [ItemSplit.Validation] = new RawRows(features.Count, tiers.Count),
        };
        foreach (TableBatch batch in reader.Read(cancellation: cancellation))
        {
            for (int row = 0; row < batch.Rows; row++)
            {
                string split = batch.Values<string>(DatasetTable.Split)[row];
                RawRows rows = splits.TryGetValue(split, out RawRows? known)
                    ? known
                    : throw new InvalidDataException($"{path}: split '{split}' is unknown: make the file again with 'akv dataset'");
                rows.Add(batch, row, features, tiers, path);
            }
        }

        RawRows train = splits[ItemSplit.Train];
        FeatureScale[] scales = [.. features.Select((feature, i) => train.Scale(feature, i, path))];
        Require(path, splits, tiers);
        double scale = train.LossScale();
        return new TrainingSet(
            scales,
            tiers,
            reader.Metadata.Provenance.GetValueOrDefault(DatasetTable.LabelKind) ?? string.Empty,
            reader.Metadata.Provenance.GetValueOrDefault(DatasetTable.Model) ?? string.Empty,
            scale,
            train.ToSet(scales, scale),
            splits[ItemSplit.Validation].ToSet(scales, scale));
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

    private static void Require(string path, Dictionary<string, RawRows> splits, IReadOnlyList<KvTier> tiers)
    {
        if (splits.FirstOrDefault(split => split.Value.Count == 0).Key is { } empty)
        {
            throw new InvalidDataException($"{path}: the {empty} split is empty: collect more items, or change the share of validation or the seed");
        }

        int[] used = [.. splits[ItemSplit.Train].UsedLabels.Distinct()];
        if (used.Length == 1)
        {
            throw new InvalidDataException(
                $"{path}: every training row is labelled {tiers[used[0]]} bits, so there is nothing to learn: collect more items, or take counterfactual labels with another epsilon or target_bits");
        }
    }
}
