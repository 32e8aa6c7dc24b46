using AdaptiveKv.Cli;

namespace AdaptiveKv.Unit.Cli;

/// <summary>A terminal that keeps what is written and whose clock moves only when told.</summary>
internal sealed class TestTerminal : TimeProvider, IDisposable
{
    private readonly StringWriter output = new() { NewLine = "\n" };
    private readonly StringWriter error = new() { NewLine = "\n" };
    private long ticks;

    /// <param name="input">What is typed or piped.</param>
    public TestTerminal(string input = "") => Terminal = new Terminal { Output = output, Error = error, Input = new StringReader(input), Time = this };

    public Terminal Terminal { get; }

    public string Output => output.ToString();

    public string[] ErrorLines => error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => ticks;

    public void Advance(TimeSpan time) => ticks += time.Ticks;

    public void Dispose()
    {
        output.Dispose();
        error.Dispose();
    }
}
