namespace AdaptiveKv.Inference;

/// <summary>How the cache's tokens were coded.</summary>
/// <param name="Code">The code.</param>
/// <param name="Range">How ranges were chosen: "minmax" or "clip".</param>
/// <param name="GroupSize">Elements that share a scale.</param>
/// <param name="TransformSha256">SHA-256 of the file of the calibrated transform; null for the other codes.</param>
/// <param name="Sinks">First tokens that every policy kept at 16 bits.</param>
/// <param name="Recent">Newest tokens that every policy kept at 16 bits.</param>
public sealed record CodeRecord(CacheCode Code, string Range, int GroupSize, string? TransformSha256, int Sinks, int Recent);
