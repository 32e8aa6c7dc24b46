using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Policies;

/// <summary>What a tier would lose of a token that still waits at the staging width; <see cref="PackedKvCache.OwnError"/> in a running engine.</summary>
/// <param name="position">0-based position in the sequence.</param>
/// <param name="tier">The tier.</param>
public delegate ReconstructionError OwnError(int position, KvTier tier);
