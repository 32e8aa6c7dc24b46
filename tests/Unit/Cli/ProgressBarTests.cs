using AdaptiveKv.Cli;

namespace AdaptiveKv.Unit.Cli;

public sealed class ProgressBarTests : IDisposable
{
    private readonly TestTerminal terminal = new();

    public void Dispose() => terminal.Dispose();

    [Fact]
    public void WithoutAScreenALineComesEveryTenSecondsAndAtTheEnd()
    {
        int answer = ProgressBar.Run(terminal.Terminal, "scoring", 40, "items", progress =>
        {
            for (int done = 1; done <= 40; done++)
            {
                terminal.Advance(TimeSpan.FromSeconds(0.5));
                progress.Report(done);
            }

            return 42;
        });

        Assert.Equal(42, answer);
        Assert.Equal(["scoring: 20 items of 40 items (50 %), 2 items/s, 0:10 left", "scoring: 40 items in 0:20 (2 items/s)"], terminal.ErrorLines);
        Assert.Empty(terminal.Output);
    }

    [Fact]
    public void WorkThatEndsEarlySaysHowFarItCame()
    {
        ProgressBar.Run(terminal.Terminal, "scoring", 40, "items", progress =>
        {
            terminal.Advance(TimeSpan.FromSeconds(2));
            progress.Report(8);
            return 0;
        });

        Assert.Equal(["scoring: stopped after 8 items of 40 items in 0:02 (4 items/s)"], terminal.ErrorLines);
    }

    [Fact]
    public void AFailureLeavesNoLineThatSaysDone()
    {
        Assert.Throws<IOException>(() => ProgressBar.Run<int>(terminal.Terminal, "reading", 10, Amount.Bytes, _ => throw new IOException()));

        Assert.Empty(terminal.ErrorLines);
    }
}
