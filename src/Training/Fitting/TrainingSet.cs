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
        return Of(features, tiers, reader.Read(cancellation: cancellation).SelectMany(batch => Rows(batch, columns)), path, "make the file again with 'akv dataset'") with
        {
            Labels = reader.Metadata.Provenance.GetValueOrDefault(DatasetTable.LabelKind) ?? string.Empty,
            ModelSha256 = reader.Metadata.Provenance.GetValueOrDefault(DatasetTable.Model) ?? string.Empty,
        };
    }

    /// <summary>Parts rows by their splits, scales features by the training rows, and losses to the costs.</summary>
    /// <param name="features">Of the rows.</param>
    /// <param name="tiers">Of the labels and losses.</param>
    /// <param name="rows">Read once.</param>
    /// <param name="path">For errors.</param>
    /// <param name="remedy">Of a split that is none.</param>
    /// <exception cref="InvalidDataException">A split is empty or unknown, a feature has no value, a label or a loss cannot be, or all labels are one.</exception>
    public static TrainingSet Of(IReadOnlyList<SaliencyFeature> features, IReadOnlyList<KvTier> tiers, IEnumerable<LabelledRow> rows, string path, string remedy)
    {
        RawRows train = new(features.Count, tiers.Count), validation = new(features.Count, tiers.Count);
        foreach (LabelledRow row in rows)
        {
            RawRows split = row.Split switch
            {
                DatasetTable.Train => train,
                DatasetTable.Validation => validation,
                _ => throw new InvalidDataException($"{path}: split '{row.Split}' is unknown: {remedy}"),
            };
            split.Add(row.Numbers.AsSpan(0, features.Count), row.Numbers.AsSpan(features.Count), row.Label, path, row.Item);
        }

        FeatureScale[] scales = [.. features.Select((feature, i) => train.Scale(feature, i, path))];
        Require(path, train, validation, tiers);
        double scale = train.LossScale();
        return new TrainingSet(scales, tiers, string.Empty, string.Empty, scale, train.ToSet(scales, scale), validation.ToSet(scales, scale));
    }

    private static IEnumerable<LabelledRow> Rows(TableBatch batch, string[] columns) => Enumerable.Range(0, batch.Rows).Select(row => new LabelledRow(
        [.. columns.Select(column => batch.Values<float>(column)[row])],
        batch.Values<string>(DatasetTable.Split)[row],
        batch.Values<int>(DatasetTable.Label)[row],
        batch.Values<string>(DatasetTable.Item)[row]));

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

/// <summary>A row as a dataset has it.</summary>
/// <param name="Numbers">Raw features, NaN where one is unknown, and the losses by tier.</param>
/// <param name="Split">What it is used for.</param>
/// <param name="Label">Place of the right tier.</param>
/// <param name="Item">What it is a token of; null for one by itself.</param>
internal readonly record struct LabelledRow(float[] Numbers, string Split, int Label, string? Item);
