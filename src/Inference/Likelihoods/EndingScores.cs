using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Likelihoods;

/// <summary>What scoring one multiple-choice item measured.</summary>
/// <param name="LogLikelihood">Summed natural log-likelihood per ending.</param>
/// <param name="Tokens">Tokens fed to the model (the context without its shots once, the endings each).</param>
/// <param name="CacheBytes">Bytes the cache had allocated at the item's longest sequence, by its allocator.</param>
/// <param name="CachedTokens">Tokens in the cache at that moment.</param>
/// <param name="EffectiveBits">CacheBytes x 8 / elements at that moment.</param>
/// <param name="TierCounts">Tokens per <see cref="AdaptiveKv.KvCache.KvTier.Index"/> in the whole item.</param>
/// <param name="Milliseconds">Wall time of the model's work.</param>
public sealed record EndingScores(
    double[] LogLikelihood,
    int Tokens,
    long CacheBytes,
    int CachedTokens,
    double EffectiveBits,
    long[] TierCounts,
    double Milliseconds)
{
    /// <summary>Tiers of the item's tokens: the context, then what each ending feeds.</summary>
    public IReadOnlyList<KvTier> Tiers { get; init; } = [];

    /// <summary>Distance from the reference; null without one.</summary>
    public EndingDivergence? Divergence { get; init; }
}
