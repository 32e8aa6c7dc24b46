using System.Diagnostics;

namespace AdaptiveKv.KvCache.Streams;

/// <summary>
/// Splits the time of attention into scores, softmax and sums of values. Reading the clock takes a twentieth of a block's time, so only every
/// sixteenth block is looked at. One per thread.
/// </summary>
internal sealed class AttentionClock
{
    private const int Every = 16;

    private int block;
    private long last;

    /// <summary>Ticks of the stopwatch in scores of keys, over the blocks looked at.</summary>
    public long Keys { get; private set; }

    /// <summary>Ticks in softmax.</summary>
    public long Softmax { get; private set; }

    /// <summary>Ticks in weighted sums of values.</summary>
    public long Values { get; private set; }

    /// <summary>Forgets what was measured.</summary>
    public void Reset() => (Keys, Softmax, Values) = (0, 0, 0);

    /// <summary>Begins a block; whether it is one of those looked at.</summary>
    internal bool Begin()
    {
        if (++block % Every != 0)
        {
            return false;
        }

        last = Stopwatch.GetTimestamp();
        return true;
    }

    internal void EndKeys() => Keys += Lap();

    internal void EndSoftmax() => Softmax += Lap();

    internal void EndValues() => Values += Lap();

    private long Lap()
    {
        long now = Stopwatch.GetTimestamp();
        (long lap, last) = (now - last, now);
        return lap;
    }
}
