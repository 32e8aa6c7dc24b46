using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Tables;

namespace AdaptiveKv.Training.Datasets;

/// <summary>
/// Where tables keep a token's features: in columns of their names, except the position, which is a key of the tables and is turned into its
/// feature when it is read.
/// </summary>
internal static class FeatureColumns
{
    /// <summary>The key column of the 0-based position.</summary>
    public const string Position = "position";

    /// <summary>The columns that hold features alone.</summary>
    public static IEnumerable<string> Of(IEnumerable<SaliencyFeature> features) =>
        features.Where(feature => feature != SaliencyFeature.Position).Select(SaliencyFeatures.Name);

    /// <summary>A feature of a row; NaN where it is unknown.</summary>
    public static float Read(TableBatch batch, int row, SaliencyFeature feature) => feature == SaliencyFeature.Position
        ? (float)Math.Log(1.0 + batch.Values<int>(Position)[row])
        : batch.Values<float>(SaliencyFeatures.Name(feature))[row];
}
