using System.Text.Json;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Cli.Commands;

public sealed class PerplexityCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();

    public void Dispose() => terminal.Dispose();

    [Fact]
    public void The_reference_takes_part_though_it_was_not_named()
    {
        string card = Path.Combine(SharedFiles.Micro, "MODEL_CARD.md");

        int code = CommandLine.Run(["perplexity", "-m", SharedFiles.MicroModel, "--text", card, "--tokens", "100", "--windows", "1", "--policies", "static-4", "--markdown"], terminal.Terminal);

        Assert.Equal(ExitCode.Done, code);
        Assert.Matches(@"\*\*PARTIAL: the first 1 of [1-9]\d+ windows \(--windows 1\)", terminal.Output);
        Assert.Contains("\n| static-16 | ", terminal.Output, StringComparison.Ordinal);
        Assert.Contains("\n| static-4 | ", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Dropped_tokens_count_as_0_bits()
    {
        string text = Path.Combine(SharedFiles.Micro, "ledgers_validation.txt");

        int code = CommandLine.Run(
            ["perplexity", "-m", SharedFiles.MicroModel, "--text", text, "--tokens", "256", "--windows", "1", "--sinks", "1", "--policies", "static-0+recent32,mix-0-4", "--json"], terminal.Terminal);

        Assert.Equal(ExitCode.Done, code);
        JsonElement[] policies = [.. JsonElement.Parse(terminal.Output).GetProperty("policies").EnumerateArray()];
        Assert.Equal(["static-16", "static-0+sinks1+recent32", "mix-0-4+sinks1"], policies.Select(policy => policy.GetProperty("policy").GetString()));
        Assert.Equal(223, policies[1].GetProperty("tiers").GetProperty("0").GetInt32());
        Assert.Equal(16 * 33 / 256.0, policies[1].GetProperty("effective_bits").GetDouble(), 1e-9);
        Assert.InRange(policies[2].GetProperty("nominal_bits").GetDouble(), 1.5, 2.5);
        Assert.All(policies, policy => Assert.InRange(policy.GetProperty("perplexity").GetDouble(), 1, 1e4));
    }

    [Theory]
    [InlineData("--tokens 64 --stride 65", "error: --stride 65: it would skip tokens between windows of 64: expected 1 to 64")]
    [InlineData("--windows 0", "error: akv perplexity: --windows '0': expected a whole number of at least 1; see 'akv perplexity --help'")]
    public void A_wrong_option_is_one_line(string options, string expected) => Assert.Equal(expected, Fail(ExitCode.Usage, options.Split(' ')));

    [Fact]
    public void A_mistyped_reference_is_answered_with_the_nearest() =>
        Assert.StartsWith("error: unknown policy 'static16': did you mean 'static-16'? known: static-0, ", Fail(ExitCode.Usage, "--reference", "static16"));

    [Fact]
    public void A_missing_text_is_named() => Assert.Equal("error: none.txt: no such data file", Fail(ExitCode.MissingInput));

    private string Fail(int code, params string[] options)
    {
        Assert.Equal(code, CommandLine.Run(["perplexity", "--model", SharedFiles.MicroModel, "--text", "none.txt", .. options], terminal.Terminal));
        Assert.Empty(terminal.Output);
        return Assert.Single(terminal.ErrorLines);
    }
}
