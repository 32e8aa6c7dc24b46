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
        Assert.Equal(["scoring: 20 of 40 items (50 %), 2 items/s, 0:10 left", "scoring: 40 items in 0:20 (2 items/s)"], terminal.ErrorLines);
        Assert.Empty(terminal.Output);
    }

    [Fact]
    public void WhatAnEarlierAttemptHadDoneIsNoPartOfTheRate()
    {
        ProgressBar.Run(
            terminal.Terminal,
            "scoring",
            1000,
            "items",
            progress =>
            {
                terminal.Advance(TimeSpan.FromSeconds(10));
                progress.Report(910);
                terminal.Advance(TimeSpan.FromSeconds(90));
                progress.Report(1000);
                return 0;
            },
            initial: 900);

        Assert.Equal(["scoring: 910 of 1,000 items (91 %), 1 items/s, 1:30 left", "scoring: 1,000 items in 1:40 (1 items/s)"], terminal.ErrorLines);
    }

    [Fact]
    public void TheTimeLeftFollowsThePaceOfTheLastMinutes()
    {
        ProgressBar.Run(terminal.Terminal, "scoring", 1000, "items", progress =>
        {
            for (int done = 0; done < 500; done++)
            {
                terminal.Advance(TimeSpan.FromSeconds(done < 400 ? 1 : 10));
                progress.Report(done + 1);
            }

            return 0;
        });

        Assert.Equal("scoring: 400 of 1,000 items (40 %), 1 items/s, 10:00 left", terminal.ErrorLines[39]);
        Assert.Equal("scoring: 500 of 1,000 items (50 %), 0.1 items/s, 1:23:20 left", terminal.ErrorLines[^2]);
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

        Assert.Equal(["scoring: stopped after 8 of 40 items in 0:02 (4 items/s)"], terminal.ErrorLines);
    }

    [Fact]
    public void AFailureLeavesNoLineThatSaysDone()
    {
        Assert.Throws<IOException>(() => ProgressBar.Run<int>(terminal.Terminal, "reading", 10, Amount.Bytes, _ => throw new IOException()));

        Assert.Empty(terminal.ErrorLines);
    }

    [Fact]
    public void PartsHaveLinesOfTheirOwnAndRatesWithoutWhatWasThere()
    {
        ProgressBar.RunParts(terminal.Terminal, Amount.Bytes, progress =>
        {
            progress.Report(new PartProgress("config.json", 500, 500));
            progress.Report(new PartProgress("weights", 1_000_000, 4_000_000));
            terminal.Advance(TimeSpan.FromSeconds(10));
            progress.Report(new PartProgress("weights", 2_000_000, 4_000_000));
            terminal.Advance(TimeSpan.FromSeconds(20));
            progress.Report(new PartProgress("weights", 4_000_000, 4_000_000));
            return true;
        });

        Assert.Equal(
            ["config.json: 500 B in 0:00", "weights: 2.0 MB of 4.0 MB (50 %), 100.0 kB/s, 0:20 left", "weights: 4.0 MB in 0:30 (100.0 kB/s)"],
            terminal.ErrorLines);
    }
}
