using AdaptiveKv.Cli;

namespace AdaptiveKv.Unit.Cli;

/// <summary>A terminal that keeps what is written and whose clock moves only when told.</summary>
internal sealed class TestTerminal : TimeProvider, IDisposable
{
    private readonly CountingWriter output = new() { NewLine = "\n" };
    private readonly StringWriter error = new() { NewLine = "\n" };
    private long ticks;

    /// <param name="input">What is typed or piped.</param>
    /// <param name="isTyped">Whether a person types it.</param>
    public TestTerminal(string input = "", bool isTyped = false)
    {
        Terminal = new Terminal { Output = output, Error = error, Input = new StringReader(input), IsTyped = isTyped, OnInterrupt = taker => Interrupt = taker, Time = this };
        output.Written = count => _ = count == InterruptAfter && Interrupt!();
    }

    /// <summary>Pieces of output after which Ctrl+C is pressed; 0 for never.</summary>
    public int InterruptAfter { get; init; }

    /// <summary>What Ctrl+C asks.</summary>
    public Func<bool>? Interrupt { get; private set; }

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

    // Says how many pieces were written.
    private sealed class CountingWriter : StringWriter
    {
        private int count;

        public Action<int> Written { get; set; } = _ => { };

        public override void Write(string? value)
        {
            base.Write(value);
            Written(++count);
        }
    }
}
