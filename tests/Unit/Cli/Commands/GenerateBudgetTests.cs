using System.Globalization;
using System.Text.RegularExpressions;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Policies.Budgets;
using AdaptiveKv.Unit.Policies.Control;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary><c>generate --target-bits</c> and <c>--kv-budget</c> on the embedded model.</summary>
public sealed partial class GenerateBudgetTests : IDisposable
{
    private const string Prompt = "Simon: ring studio. Mia: book Simon. Rosa: then phone attic. Rosa: then book attic. Mia: hat tower. Now book";

    private readonly TestTerminal terminal = new();
    private readonly TemporaryFolder folder = new();
    private readonly string controller;
    private string maxTokens = "32";

    public GenerateBudgetTests()
    {
        controller = folder["controller.safetensors"];
        ControllerFile.Write(controller, BudgetedCache.Controller);
    }

    public void Dispose()
    {
        terminal.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("learned-3.2")]
    [InlineData("learned-3.2+recent8", "learned+recent8")]
    public void Target_bits_are_the_policy_of_that_name(string named, params string[] policy)
    {
        string expected = Generate("--policy", named, "--show-bits");
        string actual = Generate(["--target-bits", "3.2", "--show-bits", .. policy.SelectMany(name => (string[])["--policy", name])]);

        Assert.Contains("[2]", expected, StringComparison.Ordinal);
        Assert.Equal(expected, actual);
    }

    /// <summary>The least budget that the refusal names is enough, and a run says what it took at most.</summary>
    [Theory]
    [InlineData("learned")]
    [InlineData("learned+recent4+sinks1")]
    public void A_budget_too_small_is_refused_with_one_that_suffices(string policy)
    {
        Assert.Equal(ExitCode.Usage, Run("--kv-budget", "1kB", "--policy", policy));
        Assert.EndsWith("kB or more, or a shorter prompt", terminal.ErrorLines[^1], StringComparison.Ordinal);
        int least = int.Parse(Refused().Groups["least"].Value, CultureInfo.InvariantCulture);
        Assert.Equal(ExitCode.Usage, Run("--kv-budget", $"{least - 1}kB", "--policy", policy));
        Match refusal = Refused();

        Generate("--kv-budget", $"{least}kB", "--policy", policy);
        Assert.Contains($"of --kv-budget {Amount.Text(1000.0 * least, Amount.Bytes)}", terminal.ErrorLines[^1], StringComparison.Ordinal);
        maxTokens = refusal.Groups["tokens"].Value;
        Assert.NotEqual("32", maxTokens);
        Generate("--kv-budget", $"{least - 1}kB", "--policy", policy);
    }

    /// <summary>A controller that is given chooses: at its own operating point where nothing else is asked.</summary>
    [Fact]
    public void A_controller_alone_is_the_policy_learned()
    {
        string expected = Generate("--policy", "learned", "--show-bits");
        Assert.Equal(expected, Generate("--show-bits"));
        Assert.Contains("; learned: KV cache ", terminal.ErrorLines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("[16]", expected, StringComparison.Ordinal);
    }

    [Fact]
    public void A_controller_with_a_name_is_the_policy_of_that_name()
    {
        string expected = Generate("--target-bits", "3.2", "--show-bits");

        Assert.Equal(ExitCode.Done, CommandLine.Run(
            ["generate", "--model", SharedFiles.MicroModel, "--controller", $"mine={controller}", "--max-tokens", maxTokens, "--stop", "~", "--show-bits", "-p", Prompt, "--target-bits", "3.2"], terminal.Terminal));
        Assert.EndsWith(expected, terminal.Output, StringComparison.Ordinal);
        Assert.Contains("; learned:mine-3.2: KV cache ", terminal.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Contains("bits per element: asked 3.2, coded ", terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--policy does not name 'learned', so that its file would be ignored", "--policy", "static-4")]
    [InlineData("--controller is given 2 times: one sequence has one policy: give one of learned, learned:other", "--controller", "other=FILE")]
    [InlineData("--policy does not name 'learned:other', so that its file would be ignored", "--controller", "other=FILE", "--policy", "learned")]
    [InlineData("--policy does not name 'learned', so that its file would be ignored", "--controller", "other=FILE", "--policy", "learned:other-3")]
    public void A_controller_that_would_be_ignored_is_refused(string words, params string[] options)
    {
        Assert.Equal(ExitCode.Usage, Run([.. options.Select(option => option.Replace("FILE", controller, StringComparison.Ordinal))]));
        Assert.Contains(words, terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    /// <summary>Commands with several policies take it beside their usual ones, and refuse it where it is not among those that are named.</summary>
    [Theory]
    [InlineData("perplexity", "--text", "--tokens", "64", "--windows", "1")]
    [InlineData("evaluate", "--data", "--limit", "2")]
    public void Commands_of_several_policies_use_a_controller_or_refuse_it(string command, string input, params string[] options)
    {
        string[] line = [command, "--model", SharedFiles.MicroModel, input, Path.Combine(SharedFiles.Micro, "items_validation.jsonl"), "--controller", controller, .. options];
        Assert.Equal(ExitCode.Done, CommandLine.Run(line, terminal.Terminal));
        Assert.Matches("(?m)^static-2 ", terminal.Output);
        Assert.Matches("(?m)^learned ", terminal.Output);

        Assert.Equal(ExitCode.Usage, CommandLine.Run([.. line, "--policies", "static-16,static-4"], terminal.Terminal));
        Assert.Contains("--policies does not name 'learned', so that its file would be ignored", terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void More_bytes_are_more_bits()
    {
        double[] bits = [.. new[] { "40kB", "60kB", "90kB", "1MB" }.Select(budget =>
        {
            Generate("--kv-budget", budget, "--show-bits");
            return double.Parse(Bits().Match(terminal.ErrorLines[^1]).Groups[1].Value, CultureInfo.InvariantCulture);
        })];

        Assert.Equal(bits.Order(), bits);
        Assert.Equal(4, bits.Distinct().Count());
        Assert.Equal(16, bits[^1]);
        Assert.Contains("tokens by bits: 16: ", terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--kv-budget '40': expected a size with its unit, such as 40MB", "--kv-budget", "40")]
    [InlineData("--target-bits '0': expected a number above 0", "--target-bits", "0")]
    [InlineData("give one of the two", "--kv-budget", "1MB", "--target-bits", "3")]
    [InlineData("and so does --policy static-4: write --policy learned", "--kv-budget", "1MB", "--policy", "static-4")]
    [InlineData("and so does --policy learned-3: write --policy learned", "--target-bits", "4", "--policy", "learned-3")]
    [InlineData("1.5 bits cannot be reached", "--target-bits", "1.5")]
    public void Options_that_contradict_each_other_are_refused(string words, params string[] options)
    {
        Assert.Equal(ExitCode.Usage, Run(options));
        Assert.Contains(words, terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--kv-budget", "1MB")]
    [InlineData("--target-bits", "3")]
    public void A_controller_is_needed(string option, string value)
    {
        Assert.Equal(ExitCode.Usage, CommandLine.Run(["generate", "--model", SharedFiles.MicroModel, "-p", "x", option, value], terminal.Terminal));
        Assert.Contains($"{option} sets the bits", terminal.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Contains("none ships for this model: name its file with --controller", terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Another_policy_needs_none()
    {
        Assert.Equal(ExitCode.Usage, CommandLine.Run(["generate", "--model", SharedFiles.MicroModel, "-p", "x", "--target-bits", "3", "--policy", "static-4"], terminal.Terminal));
        Assert.EndsWith("--target-bits sets the bits of a controller's choices, and so does --policy static-4: leave one of the two out", terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_controller_that_was_not_measured_is_refused()
    {
        ControllerFile.Write(controller, Sample.Controller(8));

        Assert.Equal(ExitCode.Usage, Run("--kv-budget", "1MB"));
        Assert.Contains("no budget curve; train it again", terminal.ErrorLines[^1], StringComparison.Ordinal);
    }

    private Match Refused()
    {
        Match refusal = Refusal().Match(terminal.ErrorLines[^1]);
        Assert.True(refusal.Success, terminal.ErrorLines[^1]);
        return refusal;
    }

    private string Generate(params string[] options)
    {
        int before = terminal.Output.Length;
        Assert.Equal(ExitCode.Done, Run(options));
        return terminal.Output[before..];
    }

    private int Run(params string[] options) => CommandLine.Run(
        [
            "generate", "--model", SharedFiles.MicroModel, "--controller", controller, "--max-tokens", maxTokens, "--stop", "~",
            "-p", Prompt, .. options,
        ],
        terminal.Terminal);

    [GeneratedRegex(@"^error: --kv-budget \d+\.0 kB: \d+ tokens \(\d+ of the prompt, up to 32 new ones\) take more even in 2 bits: give (?<least>\d+)kB or more, or (a shorter prompt|--max-tokens (?<tokens>\d+) or fewer)$")]
    private static partial Regex Refusal();

    [GeneratedRegex(@", allocated (\d+\.\d\d) ")]
    private static partial Regex Bits();
}
