using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;

namespace AdaptiveKv.Unit.Cli.Commands;

public sealed class CommandLineTests : IDisposable
{
    private readonly TestTerminal terminal = new();

    public void Dispose() => terminal.Dispose();

    [Theory]
    [InlineData("doctr", "error: akv: unknown command 'doctr'; did you mean 'doctor'?")]
    [InlineData("kubernetes", "error: akv: unknown command 'kubernetes'; see 'akv --help'")]
    [InlineData("doctor --verbos", "error: akv doctor: unknown option '--verbos'; did you mean '--verbose'?")]
    [InlineData("doctor twice", "error: akv doctor: unknown argument 'twice'; see 'akv doctor --help'")]
    public void AWrongWordGetsOneLineWithTheNearestRightOne(string arguments, string line)
    {
        int code = CommandLine.Run(arguments.Split(' '), terminal.Terminal);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal([line], terminal.ErrorLines);
        Assert.Empty(terminal.Output);
    }

    [Fact]
    public void HelpIsDataAndNotAnError()
    {
        Assert.Equal(ExitCode.Done, CommandLine.Run(["--help"], terminal.Terminal));
        Assert.Contains("doctor", terminal.Output, StringComparison.Ordinal);
        Assert.Empty(terminal.ErrorLines);
    }

    [Fact]
    public void WithoutACommandHelpGoesToTheErrorStream()
    {
        Assert.Equal(ExitCode.Usage, CommandLine.Run([], terminal.Terminal));
        Assert.Contains(terminal.ErrorLines, line => line.Contains("doctor", StringComparison.Ordinal));
        Assert.Empty(terminal.Output);
    }
}
