using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>Sizes and codes of a session.</summary>
internal sealed record SessionOptions
{
    /// <summary>Threads, the caller included.</summary>
    public int Threads { get; init; } = Processors.Physical;

    /// <summary>The threads, where they are another one's; null for own ones.</summary>
    public ThreadTeam? Team { get; init; }

    /// <summary>Most rows of one batched pass.</summary>
    public int MaxBatch { get; init; } = 256;

    /// <summary>The cache's options, its size among them.</summary>
    public KvCacheOptions Cache { get; init; } = new();

    /// <summary>Whether attention reads codes back to floats: the reference for the integer kernels.</summary>
    public bool PreciseAttention { get; init; }

    /// <summary>Whether <see cref="Session.Signals"/> are recorded.</summary>
    public bool RecordSignals { get; init; }

    /// <summary>Tokens before each one whose weight in it is recorded with the signals, as <see cref="Session.WeightGiven"/>.</summary>
    public int SignalWindow { get; init; }

    /// <summary>The layer after which <see cref="Session.Hidden"/> is kept, from 1 on; 0 for none.</summary>
    public int HiddenLayer { get; init; }

    /// <summary>Sees what batched passes store and ask, as the model computes it; the cache must have no transform. Null for nobody.</summary>
    public HeadObserver? Observer { get; init; }

    /// <summary>Measures where the time of <see cref="Session.Decode(int)"/> and of batches goes, for as many threads: about 1 % of it; null where nobody asks.</summary>
    public StepTimes? Times { get; init; }
}
