using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
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
    /// <param name="dataset">Its rows.</param>
    /// <param name="labels">Kind of labels.</param>
    /// <param name="features">What the rows' features are.</param>
    /// <param name="tiers">What their labels stand for.</param>
    /// <param name="epsilon">KL above the dearest tier that a label allows; 0 for labels of whole items.</param>
    /// <param name="leftOut">Tokens without a label.</param>
    public static DatasetSummary Of(
        IReadOnlyList<LabelledToken> dataset, string labels, IReadOnlyList<SaliencyFeature> features, IReadOnlyList<KvTier> tiers, double epsilon, long leftOut)
    {
        string[] splits = [DatasetTable.Train, DatasetTable.Validation];
        Dictionary<string, LabelledToken[]> rows = splits.ToDictionary(split => split, split => dataset.Where(row => row.Split == split).ToArray());
        return new DatasetSummary
        {
            Labels = labels,
            Rows = rows.ToDictionary(split => split.Key, split => split.Value.Length),
            Items = rows.ToDictionary(split => split.Key, split => split.Value.Select(row => row.Item).Distinct().Count()),
            Shares = rows.ToDictionary(split => split.Key, IReadOnlyDictionary<string, double> (split) => tiers.Index().ToDictionary(
                tier => $"{tier.Item}", tier => Figure.Round((double)split.Value.Count(row => row.Label == tier.Index + 1) / split.Value.Length))),
            LabelBits = rows.ToDictionary(split => split.Key, split => Figure.Round(split.Value.Sum(row => tiers[(int)row.Label - 1].NominalBits) / split.Value.Length)),
            Epsilon = epsilon,
            LeftOut = leftOut,
            Features = features.Index().ToDictionary(
                feature => SaliencyFeatures.Name(feature.Item),
                feature => FeatureMoments.Of(rows[DatasetTable.Train].Select(row => row.Features[feature.Index]))),
        };
    }
}
