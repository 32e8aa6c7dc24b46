using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Cli.Commands;

public sealed partial class GenerateCommandTests : IDisposable
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
        Assert.Contains($"; {policy}: KV cache ", terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    /// <summary>The parts of the line are those that make up the whole.</summary>
    [Theory]
    [InlineData("static-4", "codes 4.00, scales 0.25", "unused room")]
    [InlineData("static-k8v4+sinks1", "codes 6.00, scales 0.25", "first token", "unused room")]
    [InlineData("static-2+sinks3+recent5", "codes 2.00, scales 0.25", "first 3 tokens", "newest 5 at 16 bits", "unused room")]
    [InlineData("static-16", "codes 16.00, scales 0.00", "unused room")]
    public void TheLineSaysWhereTheBitsComeFrom(string policy, string coded, params string[] parts)
    {
        Assert.Equal(ExitCode.Done, Run("--prompt", Ledger, "--policy", policy, "--max-tokens", "4"));

        Match line = Bits().Match(terminal.ErrorLines[^1]);
        Assert.True(line.Success, terminal.ErrorLines[^1]);
        Assert.Equal(coded, line.Groups["codes"].Value);
        Assert.Equal(parts, line.Groups["part"].Captures.Select(part => part.Value));
        double sum = Number(line.Groups["coded"].Captures[0]) + line.Groups["bits"].Captures.Sum(Number);
        Assert.Equal(Number(line.Groups["allocated"].Captures[0]), sum, 0.01 * (parts.Length + 1));
    }

    [Fact]
    public void JsonIsOneDocumentOfTextAndCosts()
    {
        Assert.Equal(ExitCode.Done, Run("--prompt", Ledger, "--policy", "static-4+sinks1", "--max-tokens", "8", "--stop", ".", "--json"));

        using JsonDocument document = JsonDocument.Parse(terminal.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(" attic", root.GetProperty("text").GetString());
        Assert.Equal("a --stop text met", root.GetProperty("end").GetString());
        JsonElement cache = root.GetProperty("cache");
        JsonElement account = cache.GetProperty("account");
        double[] parts = [.. new[] { "coded", "of_sinks", "of_waiting", "unused" }.Select(name => account.GetProperty(name).GetDouble())];
        Assert.Equal(account.GetProperty("allocated").GetDouble(), parts.Sum(), 1e-9);
        Assert.Equal(4.25, parts[0], 1e-9);
        Assert.Equal(("static-4+sinks1", 1), (cache.GetProperty("policy").GetString(), account.GetProperty("sinks").GetInt32()));
        Assert.Equal(account.GetProperty("tokens").GetInt32(), cache.GetProperty("tiers").EnumerateObject().Sum(tier => tier.Value.GetInt32()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void ThePromptMayBeInAFileOrOnStandardInput(string end)
    {
        using TemporaryFolder folder = new();
        folder.Write("prompt.txt", System.Text.Encoding.UTF8.GetBytes(Ledger + end));
        using TestTerminal piped = new(Ledger + end);

        Assert.Equal(ExitCode.Done, Run("--prompt-file", Path.Combine(folder.Path, "prompt.txt"), "--max-tokens", "8", "--stop", "."));
        Assert.Equal(ExitCode.Done, CommandLine.Run(["generate", "--model", SharedFiles.MicroModel, "--prompt-file", "-", "--max-tokens", "8", "--stop", "."], piped.Terminal));

        Assert.Equal((" attic\n", " attic\n"), (terminal.Output, piped.Output));
    }

    [Theory]
    [InlineData(ExitCode.Usage, "give --prompt or --prompt-file")]
    [InlineData(ExitCode.Usage, "leave one of the two out", "--prompt", "x", "--prompt-file", "-")]
    [InlineData(ExitCode.BadData, "standard input: empty", "--prompt-file", "-")]
    [InlineData(ExitCode.MissingInput, "none.txt: no such data file", "--prompt-file", "none.txt")]
    public void APromptThatIsNoneIsNamed(int code, string words, params string[] arguments)
    {
        Assert.Equal(code, Run(arguments));
        Assert.Contains(words, terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void APenaltyAndMinPChangeTheText()
    {
        string[] plain = ["--prompt", "ring ring ring ring", "--max-tokens", "24"];
        Assert.Equal(ExitCode.Done, Run(plain));
        string repeated = terminal.Output;
        using TestTerminal other = new();

        Assert.Equal(ExitCode.Done, CommandLine.Run(["generate", "--model", SharedFiles.MicroModel, .. plain, "--repetition-penalty", "1.5", "--min-p", "0.1"], other.Terminal));

        Assert.NotEqual(repeated, other.Output);
    }

    [Fact]
    public void BitsWithinTheTextAndJsonAreRefused() => Refuses("leave one of the two out", "--prompt", "x", "--json", "--show-bits");

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
    public void SamplingFaultsAreNamedTogether() => Refuses("temperature -1", "--prompt", "x", "--temperature", "-1", "--top-p", "2", "--min-p", "3");

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

    private static double Number(Capture capture) => double.Parse(capture.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"bits per element: coded (?<coded>[\d.]+) \((?<codes>[^)]*)\), allocated (?<allocated>[\d.]+) \((?:(?<part>[^+,]+) \+(?<bits>[\d.]+)(?:, )?)+\); peak")]
    private static partial Regex Bits();
}
