using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Cli.Commands;

public sealed class ModelQuantizeCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        terminal.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("q4_0")]
    [InlineData("Q4_1")]
    [InlineData("q8_0")]
    public void TheWrittenModelIsSound(string type)
    {
        string output = folder["small.gguf"];

        Assert.Equal(ExitCode.Done, CommandLine.Run(["model", "quantize", "-m", SharedFiles.MicroModel, "--type", type, "-o", output], terminal.Terminal));
        Assert.Equal(ExitCode.Done, CommandLine.Run(["model", "verify", output], terminal.Terminal));
        Assert.Contains("746,368 finite weights", terminal.Output, StringComparison.Ordinal);
        Assert.True(new FileInfo(output).Length < new FileInfo(SharedFiles.MicroModel).Length);
    }

    [Fact]
    public void AnUnknownTypeIsRefusedBeforeAnythingIsWritten()
    {
        string output = folder["small.gguf"];

        Assert.Equal(ExitCode.Usage, CommandLine.Run(["model", "quantize", "-m", SharedFiles.MicroModel, "--type", "q3_k", "-o", output], terminal.Terminal));
        Assert.Equal(["error: unknown weight type 'q3_k': known: q4_0, q4_1, q8_0"], terminal.ErrorLines);
        Assert.False(File.Exists(output));
    }

    [Fact]
    public void AMissingFolderIsNamed()
    {
        string output = folder[Path.Combine("absent", "small.gguf")];

        Assert.Equal(ExitCode.MissingInput, CommandLine.Run(["model", "quantize", "-m", SharedFiles.MicroModel, "-o", output], terminal.Terminal));
        Assert.Contains("create it first", terminal.ErrorLines[^1], StringComparison.Ordinal);
    }
}
