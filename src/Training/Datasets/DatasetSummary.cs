using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Training.Datasets;

/// <summary>What a dataset holds, as a file of metrics.</summary>
internal sealed record DatasetSummary
{
    /// <summary>Kind of labels.</summary>
    public required string Labels { get; init; }

    /// <summary>Rows by split.</summary>
    public required IReadOnlyDictionary<string, int> Rows { get; init; }

    /// <summary>Items by split.</summary>
    public required IReadOnlyDictionary<string, int> Items { get; init; }

    /// <summary>Share of each tier among the labels, by split and tier.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Shares { get; init; }

    /// <summary>Mean nominal bits of the labels, by split.</summary>
    public required IReadOnlyDictionary<string, double> LabelBits { get; init; }

    /// <summary>KL above the dearest tier that a label allows, nats over the rest of the text.</summary>
    public required double Epsilon { get; init; }

    /// <summary>Tokens without a label.</summary>
    public required long LeftOut { get; init; }

    /// <summary>Features over the training rows that have them.</summary>
    public required IReadOnlyDictionary<string, FeatureMoments> Features { get; init; }

    /// <summary>The summary of a dataset.</summary>
    public static DatasetSummary Of(Dataset dataset, string labels)
    {
        string[] splits = [DatasetTable.Train, DatasetTable.Validation];
        Dictionary<string, TokenRow[]> rows = splits.ToDictionary(split => split, split => dataset.Of(split).ToArray());
        return new DatasetSummary
        {
            Labels = labels,
            Rows = rows.ToDictionary(split => split.Key, split => split.Value.Length),
            Items = rows.ToDictionary(split => split.Key, split => split.Value.Select(row => row.Item).Distinct().Count()),
            Shares = rows.ToDictionary(split => split.Key, IReadOnlyDictionary<string, double> (split) => dataset.Tiers.Index().ToDictionary(
                tier => $"{tier.Item}", tier => Figure.Round((double)split.Value.Count(row => row.Label == tier.Index) / split.Value.Length))),
            LabelBits = rows.ToDictionary(
                split => split.Key, split => Figure.Round(split.Value.Sum(row => dataset.Tiers[row.Label].NominalBits) / split.Value.Length)),
            Epsilon = dataset.Epsilon,
            LeftOut = dataset.LeftOut,
            Features = dataset.Features.Index().ToDictionary(
                feature => SaliencyFeatures.Name(feature.Item),
                feature => FeatureMoments.Of(rows[DatasetTable.Train].Select(row => row.Features[feature.Index]))),
        };
    }
}
