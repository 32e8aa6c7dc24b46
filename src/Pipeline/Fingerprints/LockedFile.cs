namespace AdaptiveKv.Pipeline.Fingerprints;

/// <summary>A dep or an out as it was when its stage ended.</summary>
/// <param name="Path">As the pipeline file had it.</param>
/// <param name="Sha256">Its hash; of a folder of segments, that of its manifest.</param>
public sealed record LockedFile(string Path, string Sha256);
