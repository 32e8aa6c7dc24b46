namespace AdaptiveKv.Cli;

/// <summary>Progress where there is no screen: a plain line every ten seconds, and one at the end.</summary>
internal sealed class ProgressLines : IProgress<long>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Terminal terminal;
    private readonly string title;
    private readonly long total;
    private readonly string unit;
    private readonly long start;
    private TimeSpan nextLine = Interval;
    private long done;

    /// <summary>Starts the clock.</summary>
    public ProgressLines(Terminal terminal, string title, long total, string unit)
    {
        (this.terminal, this.title, this.total, this.unit) = (terminal, title, total, unit);
        start = terminal.Time.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Report(long value)
    {
        done = value;
        TimeSpan elapsed = terminal.Time.GetElapsedTime(start);
        if (elapsed < nextLine || value <= 0 || value >= total)
        {
            return;
        }

        nextLine = elapsed + Interval;
        TimeSpan left = elapsed * ((double)(total - value) / value);
        terminal.Note($"{title}: {Amount.Text(value, unit)} of {Amount.Text(total, unit)} ({100 * value / total} %), "
            + $"{Amount.Text(value / elapsed.TotalSeconds, unit)}/s, {Amount.Text(left)} left");
    }

    /// <summary>Writes the last line, which says so where the work ended early.</summary>
    public void Complete()
    {
        TimeSpan elapsed = terminal.Time.GetElapsedTime(start);
        string rate = elapsed > TimeSpan.Zero ? $" ({Amount.Text(done / elapsed.TotalSeconds, unit)}/s)" : string.Empty;
        string amount = done < total ? $"stopped after {Amount.Text(done, unit)} of {Amount.Text(total, unit)}" : Amount.Text(total, unit);
        terminal.Note($"{title}: {amount} in {Amount.Text(elapsed)}{rate}");
    }
}
