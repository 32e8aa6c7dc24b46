namespace AdaptiveKv.Inference.Calibration;

/// <summary>What a transform was made of: the provenance in its file.</summary>
/// <param name="ModelSha256">The only model it fits.</param>
/// <param name="DataSha256">The text or items it was fitted on.</param>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="Window">Most tokens read from an empty cache.</param>
/// <param name="Seed">Of the choice of windows.</param>
/// <param name="Options">Its parts.</param>
public sealed record CalibrationRecord(string ModelSha256, string DataSha256, long Tokens, int Window, ulong Seed, TransformOptions Options)
{
    /// <summary>What the bits of tiers by lane were found on; null where tiers are the same in all lanes.</summary>
    public AllocationRecord? Allocation { get; init; }
}
