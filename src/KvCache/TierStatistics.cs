namespace AdaptiveKv.KvCache;

/// <summary>Tokens and bytes of one tier.</summary>
/// <param name="Tier">The tier.</param>
/// <param name="Tokens">Tokens held in it.</param>
/// <param name="Bytes">Bytes allocated for it, what pages have left included.</param>
/// <param name="UsedBytes">Bytes that its tokens take of them: codes, scales and zero points.</param>
public sealed record TierStatistics(KvTier Tier, int Tokens, long Bytes, double UsedBytes);
