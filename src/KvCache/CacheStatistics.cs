namespace AdaptiveKv.KvCache;

/// <summary>What a cache holds and what it costs.</summary>
/// <param name="Tokens">Tokens held.</param>
/// <param name="Waiting">Newest ones among them, which wait for their tier.</param>
/// <param name="Bytes">Bytes allocated: codes, scales, zero points, staged tokens.</param>
/// <param name="PeakBytes">Most bytes allocated at any time.</param>
/// <param name="ElementsPerToken">Key and value elements per token.</param>
/// <param name="Tiers">By tier.</param>
public sealed record CacheStatistics(int Tokens, int Waiting, long Bytes, long PeakBytes, long ElementsPerToken, IReadOnlyList<TierStatistics> Tiers)
{
    /// <summary>Allocated bits per stored element.</summary>
    public double EffectiveBits => Tokens == 0 ? 0 : Bytes * 8.0 / (ElementsPerToken * Tokens);

    /// <summary>Allocated bytes per token.</summary>
    public double BytesPerToken => Tokens == 0 ? 0 : (double)Bytes / Tokens;
}
