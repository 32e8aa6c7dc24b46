using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Training.Datasets;

/// <summary>Labelled tokens, before they are written.</summary>
/// <param name="Rows">In the order they were collected.</param>
/// <param name="Features">What their features are.</param>
/// <param name="Tiers">What their labels stand for.</param>
/// <param name="Split">Where each item belongs.</param>
/// <param name="Epsilon">KL above the dearest tier that a label allows; 0 for labels of whole items.</param>
/// <param name="LeftOut">Tokens without a label.</param>
internal sealed record Dataset(
    IReadOnlyList<TokenRow> Rows, IReadOnlyList<SaliencyFeature> Features, IReadOnlyList<KvTier> Tiers, ItemSplit Split, double Epsilon, long LeftOut)
{
    /// <summary>The rows of a split.</summary>
    public IEnumerable<TokenRow> Of(string split) => Rows.Where(row => Split.Of(row.Item) == split);
}
