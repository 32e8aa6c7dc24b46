using System.Diagnostics;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Timing;

/// <summary>One thread's time by part: each mark gives the time since the last one to a part.</summary>
internal sealed class StepClock
{
    private readonly long[] ticks = new long[Enum.GetValues<StepPart>().Length];
    private long attention;
    private long last;

    /// <summary>Splits what <see cref="MarkAttention"/> measures.</summary>
    public AttentionClock Blocks { get; } = new();

    /// <summary>Begins a step.</summary>
    public void Start() => last = Stopwatch.GetTimestamp();

    /// <summary>Ends a part.</summary>
    public void Mark(StepPart part) => ticks[(int)part] += Lap();

    /// <summary>Ends attention to the cached tokens.</summary>
    public void MarkAttention() => attention += Lap();

    /// <summary>Ticks of the stopwatch in a part.</summary>
    public double TicksOf(StepPart part)
    {
        double split = Math.Max(Blocks.Keys + Blocks.Softmax + Blocks.Values, 1);
        return part switch
        {
            StepPart.AttentionKeys => attention * (Blocks.Keys / split),
            StepPart.AttentionSoftmax => attention * (Blocks.Softmax / split),
            StepPart.AttentionValues => attention * (Blocks.Values / split),
            _ => ticks[(int)part],
        };
    }

    /// <summary>Forgets what was measured.</summary>
    public void Reset()
    {
        Array.Clear(ticks);
        attention = 0;
        Blocks.Reset();
    }

    private long Lap()
    {
        long now = Stopwatch.GetTimestamp();
        (long lap, last) = (now - last, now);
        return lap;
    }
}
