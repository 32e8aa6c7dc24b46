using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference;

/// <summary>How the engine runs, whatever the policy.</summary>
/// <param name="Threads">Threads, the caller included.</param>
/// <param name="Code">How tokens are coded; its size and staging width are set by who opens the session.</param>
/// <param name="PreciseAttention">Whether attention runs in float on codes read back: the reference for the integer kernels.</param>
/// <param name="Batch">Most tokens of one batched pass.</param>
public sealed record EngineSetup(int Threads, KvCacheOptions Code, bool PreciseAttention = false, int Batch = 256)
{
    /// <summary>Runs the session beside others of the same caller, whose threads would otherwise wait for work while these need their processors; null for a team of its own.</summary>
    internal ThreadTeam? Team { get; init; }

    /// <summary>Measures where the time of steps goes, part by part: about 1 % of it; null where nobody asks.</summary>
    internal StepTimes? Times { get; init; }
}
