using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Cli.Commands;

public sealed class ModelPullCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        terminal.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void AnUnknownNameListsTheKnownOnes()
    {
        Assert.Equal(ExitCode.Usage, Run("smollm9"));
        Assert.Contains("smollm2-135m-instruct", Assert.Single(terminal.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void AnEndpointMustBeAnAddress()
    {
        Assert.Equal(ExitCode.Usage, Run("smollm2-135m", "--endpoint", "hub"));
        Assert.Contains("--endpoint 'hub'", Assert.Single(terminal.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void AnEndpointThatIsNotEncryptedNeedsAFlag()
    {
        Assert.Equal(ExitCode.Usage, Run("smollm2-135m", "--endpoint", "http://127.0.0.1:9"));
        Assert.Contains("use https, or add --insecure-http", Assert.Single(terminal.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("smollm-135m", true)]
    [InlineData("SmolLM2-135M", false)]
    public void AModelWhoseHashIsNotKnownIsSaidSo(string name, bool isSaid)
    {
        Run(name, "--endpoint", "http://127.0.0.1:9", "--insecure-http");
        Assert.Equal(isSaid, terminal.ErrorLines.Any(line => line.StartsWith("no hash of smollm-135m is known here", StringComparison.Ordinal)));
    }

    // Nothing listens on port 9 of this machine.
    [Fact]
    public void AHubThatCannotBeReachedIsSaidSoWithTheWayAround()
    {
        Assert.Equal(ExitCode.InputOutput, Run("smollm2-135m", "--endpoint", "http://127.0.0.1:9", "--insecure-http"));
        Assert.Contains("Without the hub: download config.json", terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    private int Run(params string[] arguments) => CommandLine.Run(["model", "pull", .. arguments, "--to", folder.Path], terminal.Terminal);
}
