using System.Diagnostics;

namespace AdaptiveKv.Inference.Timing;

/// <summary>Where the time of decoded tokens goes: by part, mean over the threads that took part, so that the parts add up to the whole.</summary>
internal sealed class StepTimes
{
    private readonly StepClock[] clocks;

    /// <summary>Makes a clock for each thread.</summary>
    /// <param name="threads">At least as many as take part.</param>
    /// <param name="log">Hears the parts of the first one; null where nobody asks.</param>
    internal StepTimes(int threads, WorkLog? log = null) => clocks = [.. Enumerable.Range(0, threads).Select(i => new StepClock(i == 0 ? log : null))];

    /// <summary>Time of a part since the last <see cref="Reset"/>.</summary>
    public TimeSpan Of(StepPart part) => TimeSpan.FromSeconds(clocks.Where(clock => clock.Started).Select(clock => clock.TicksOf(part)).DefaultIfEmpty().Average() / Stopwatch.Frequency);

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
