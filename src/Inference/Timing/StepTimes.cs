using System.Diagnostics;

namespace AdaptiveKv.Inference.Timing;

/// <summary>Where the time of decoded tokens goes: by part, mean over the threads, so that the parts add up to the whole.</summary>
internal sealed class StepTimes
{
    private readonly StepClock[] clocks;

    internal StepTimes(int threads) => clocks = [.. Enumerable.Range(0, threads).Select(_ => new StepClock())];

    /// <summary>Time of a part since the last <see cref="Reset"/>.</summary>
    public TimeSpan Of(StepPart part) => TimeSpan.FromSeconds(clocks.Average(clock => clock.TicksOf(part)) / Stopwatch.Frequency);

    /// <summary>Forgets what was measured.</summary>
    public void Reset()
    {
        foreach (StepClock clock in clocks)
        {
            clock.Reset();
        }
    }

    internal StepClock Clock(int member) => clocks[member];
}
