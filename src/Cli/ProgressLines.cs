namespace AdaptiveKv.Cli;

/// <summary>Progress where there is no screen: a plain line every ten seconds, and one at the end.</summary>
internal sealed class ProgressLines : IProgress<long>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // Items of a file in its order may grow longer; what is left goes at the pace of late, not at that of the beginning.
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly Terminal terminal;
    private readonly string title;
    private readonly long total;
    private readonly string unit;
    private readonly long initial;
    private readonly long start;
    private readonly Queue<(TimeSpan At, long Done)> recent = [];
    private TimeSpan nextLine = Interval;
    private long done;

    /// <summary>Starts the clock.</summary>
    /// <param name="terminal">Where the lines go.</param>
    /// <param name="title">What is done.</param>
    /// <param name="total">What the last report will be.</param>
    /// <param name="unit">As in <see cref="Amount.Text(double, string)"/>.</param>
    /// <param name="initial">What an earlier attempt had done; rates leave it out.</param>
    public ProgressLines(Terminal terminal, string title, long total, string unit, long initial = 0)
    {
        (this.terminal, this.title, this.total, this.unit, this.initial) = (terminal, title, total, unit, initial);
        start = terminal.Time.GetTimestamp();
        recent.Enqueue((TimeSpan.Zero, initial));
    }

    public void Report(long value)
    {
        done = value;
        TimeSpan elapsed = terminal.Time.GetElapsedTime(start);
        if (elapsed < nextLine || value <= initial || value >= total)
        {
            return;
        }

        nextLine = elapsed + Interval;
        while (recent.Count > 1 && elapsed - recent.Peek().At > Window)
        {
            recent.Dequeue();
        }

        (TimeSpan from, long before) = recent.Peek();
        recent.Enqueue((elapsed, value));
        string left = value > before ? $", {Amount.Text((elapsed - from) * ((double)(total - value) / (value - before)))} left" : string.Empty;
        terminal.Note($"{title}: {Amount.Text(value, total, unit)} ({100 * value / total} %), {Rate(value - before, elapsed - from)}{left}");
    }

    /// <summary>Writes the last line, which says so where the work ended early.</summary>
    public void Complete()
    {
        TimeSpan elapsed = terminal.Time.GetElapsedTime(start);
        string amount = done < total ? $"stopped after {Amount.Text(done, total, unit)}" : Amount.Text(total, unit);
        terminal.Note($"{title}: {amount} in {Amount.Text(elapsed)}{(elapsed > TimeSpan.Zero ? $" ({Rate(done - initial, elapsed)})" : string.Empty)}");
    }

    private string Rate(long amount, TimeSpan time) => Amount.Text(amount / time.TotalSeconds, unit) + "/s";
}
