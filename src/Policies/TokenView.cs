using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Policies;

/// <summary>A token that waits for its tier, as a policy sees it.</summary>
/// <param name="position">0-based position in the sequence.</param>
/// <param name="saliency">By <see cref="SaliencyFeature"/>; NaN for what is unknown or was not asked for.</param>
/// <param name="ownError">What the tiers would lose of the token.</param>
public readonly ref struct TokenView(int position, ReadOnlySpan<float> saliency, OwnError ownError)
{
    /// <summary>0-based position in the sequence.</summary>
    public int Position { get; } = position;

    /// <summary>By <see cref="SaliencyFeature"/>; NaN for what is unknown or was not asked for by <see cref="PrecisionPolicy.Features"/>.</summary>
    public ReadOnlySpan<float> Saliency { get; } = saliency;

    /// <summary>What a tier would lose of the token.</summary>
    public ReconstructionError OwnError(KvTier tier) => ownError(Position, tier);
}
