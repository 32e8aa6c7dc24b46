using System.Diagnostics;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Timing;

/// <summary>One thread's time by part: each mark gives the time since the last one to a part.</summary>
/// <param name="log">Hears of the parts, too; null where nobody asks.</param>
internal sealed class StepClock(WorkLog? log = null)
{
    private readonly long[] ticks = new long[Enum.GetValues<StepPart>().Length];
    private long attention;
    private long last;

    /// <summary>Splits what <see cref="MarkAttention"/> measures.</summary>
    public AttentionClock Blocks { get; } = new();

    /// <summary>Whether its thread took part since the last <see cref="Reset"/>.</summary>
    public bool Started { get; private set; }

    /// <summary>Begins a step.</summary>
    public void Start() => (Started, last) = (true, Stopwatch.GetTimestamp());

    /// <summary>Ends a part.</summary>
    public void Mark(StepPart part) => ticks[(int)part] += Lap(part);

    /// <summary>Ends attention to the cached tokens.</summary>
    public void MarkAttention() => attention += Lap(StepPart.AttentionValues);

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
        (attention, Started) = (0, false);
        Blocks.Reset();
    }

    private long Lap(StepPart part)
    {
        long now = Stopwatch.GetTimestamp();
        (long lap, last) = (now - last, now);
        log?.Spent(part, lap);
        return lap;
    }
}
