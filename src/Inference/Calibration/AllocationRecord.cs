namespace AdaptiveKv.Inference.Calibration;

/// <summary>What the bits of tiers by lane were found on.</summary>
/// <param name="DataSha256">The text or items.</param>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="Window">Most tokens read from an empty cache.</param>
/// <param name="Seed">Of the choice of windows.</param>
public sealed record AllocationRecord(string DataSha256, long Tokens, int Window, ulong Seed);
