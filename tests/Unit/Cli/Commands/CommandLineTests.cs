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

    /// <summary>Measured: the same inputs give these stages other outs without AVX-512 or AVX2; dataset, train, rescale and report give the same ones.</summary>
    [Fact]
    public void TheStagesWhoseOutsDependOnKernelsSayIt() => Assert.Equal(
        ["allocate", "calibrate", "collect", "evaluate", "fisher", "rivals", "speed"],
        Stages.Catalog.Kinds.Values.Where(kind => kind.UsesKernels).Select(kind => kind.Name).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("status --kernels sse", "error: akv status: --kernels 'sse': expected one of auto, avx512, avx2, vector128")]
    [InlineData("dag --kernels avx2", "error: akv dag: unknown option '--kernels'")]
    public void KernelsArePinnedByAWordWhereTheyMatter(string arguments, string line)
    {
        Assert.Equal(ExitCode.Usage, CommandLine.Run(arguments.Split(' '), terminal.Terminal));
        Assert.StartsWith(line, terminal.ErrorLines[0], StringComparison.Ordinal);
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
