using System.Diagnostics;

namespace AdaptiveKv.Unit.Data;

/// <summary>What acts take of this process: seconds of the processor, and the most physical memory that it holds over what it held before.</summary>
internal sealed class ProcessWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly long before = Environment.WorkingSet;
    private readonly Timer timer;
    private long most;

    public ProcessWatch()
    {
        most = before;
        timer = new Timer(_ => most = Math.Max(most, Environment.WorkingSet), null, TimeSpan.Zero, Interval);
    }

    public long Growth => Interlocked.Read(ref most) - before;

    public void Dispose() => timer.Dispose();

    /// <summary>Seconds of the processor that an act takes: what else runs on the machine makes the wall's clock say more.</summary>
    public double Measure(string what, Action act, ITestOutputHelper output)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan used = Environment.CpuUsage.TotalTime;
        act();
        double seconds = (Environment.CpuUsage.TotalTime - used).TotalSeconds;
        output.WriteLine($"{what} in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s, {seconds:0.00} s of the processor's; the process's memory grew by {Growth / 1e6:0} MB at most");
        return seconds;
    }
}
