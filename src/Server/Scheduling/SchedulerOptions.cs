using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>How sequences are run.</summary>
/// <param name="Policies">Each makes the policy of one sequence; with a budget the first that fits is taken, from many bits to few.</param>
/// <param name="Budget">Most bytes of all caches together; null for no limit.</param>
/// <param name="Code">How tokens are coded.</param>
/// <param name="Threads">Threads of the engine.</param>
/// <param name="Slots">Sequences that run at a time.</param>
/// <param name="Queue">Sequences that wait at most.</param>
/// <param name="Keep">How long a cache is kept after its sequence's end, for others that begin alike.</param>
internal sealed record SchedulerOptions(
    IReadOnlyList<Func<PrecisionPolicy>> Policies, long? Budget, KvCacheOptions Code, int Threads, int Slots, int Queue, TimeSpan Keep);
