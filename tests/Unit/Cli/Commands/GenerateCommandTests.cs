using AdaptiveKv.Cli;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Cli.Commands;

public sealed class GenerateCommandTests : IDisposable
{
    // An item of the validation file; its answer is the newest place of the book.
    private const string Ledger = "Simon: ring studio. Mia: book Simon. Rosa: then phone attic. Rosa: then book attic. Mia: hat tower. Now book";

    private readonly TestTerminal terminal = new();

    public void Dispose() => terminal.Dispose();

    [Theory]
    [InlineData("static-16")]
    [InlineData("static-4")]
    public void TheMicroModelAnswersFromItsContext(string policy)
    {
        int code = Run("--prompt", Ledger, "--policy", policy, "--max-tokens", "8", "--stop", ".");

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(" attic\n", terminal.Output);
        Assert.Contains("effective bits", terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void AnyOfTheModelsEndTokensEndsTheText()
    {
        using TemporaryFolder folder = new();
        foreach (string path in Directory.GetFiles(Path.Combine(SharedFiles.Micro, "hf")))
        {
            folder.Write(Path.GetFileName(path), File.ReadAllBytes(path));
        }

        Assert.Equal(ExitCode.Done, CommandLine.Run(["generate", "-m", folder.Path, "-p", Ledger, "--max-tokens", "4"], terminal.Terminal));
        Assert.Contains(". ", terminal.Output, StringComparison.Ordinal);
        folder.Write("generation_config.json", """{"eos_token_id": [0, 14]}""");
        using TestTerminal other = new();

        Assert.Equal(ExitCode.Done, CommandLine.Run(["generate", "-m", folder.Path, "-p", Ledger, "--max-tokens", "4"], other.Terminal));

        Assert.Equal(" attic\n", other.Output);
        Assert.Contains("the model ended its text", other.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameSeedGivesTheSameText()
    {
        string[] Sampled(string seed)
        {
            using TestTerminal own = new();
            Assert.Equal(ExitCode.Done, CommandLine.Run(["generate", "-m", SharedFiles.MicroModel, "-p", "ring", "--temperature", "2", "--seed", seed, "--max-tokens", "24"], own.Terminal));
            return [own.Output];
        }

        Assert.Equal(Sampled("1"), Sampled("1"));
        Assert.NotEqual(Sampled("1"), Sampled("2"));
    }

    [Theory]
    [InlineData("static-5", "unknown policy 'static-5'")]
    [InlineData("", "policy")]
    public void AnUnknownPolicyIsRefused(string policy, string words) => Refuses(words, "--prompt", "x", "--policy", policy);

    [Fact]
    public void SamplingFaultsAreNamedTogether() => Refuses("temperature -1", "--prompt", "x", "--temperature", "-1", "--top-p", "2");

    [Fact]
    public void AnEmptyStopIsRefused() => Refuses("--stop is empty", "--prompt", "x", "--stop", "");

    [Fact]
    public void AnEmptyPromptIsRefused() => Refuses("--prompt is empty", "--prompt", "");

    [Fact]
    public void APromptLongerThanTheContextIsRefused() => Refuses("context 1024", "--prompt", string.Concat(Enumerable.Repeat("ring library. ", 600)));

    [Fact]
    public void AChatNeedsAChatModel() => Refuses("ChatML", "--prompt", "x", "--chat");

    private void Refuses(string words, params string[] arguments)
    {
        Assert.Equal(ExitCode.Usage, Run(arguments));
        Assert.Contains(words, terminal.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Empty(terminal.Output);
    }

    private int Run(params string[] arguments) => CommandLine.Run(["generate", "--model", SharedFiles.MicroModel, .. arguments], terminal.Terminal);
}
