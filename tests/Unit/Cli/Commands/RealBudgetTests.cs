using System.Globalization;
using System.Text.RegularExpressions;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Policies.Budgets;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary>A budget on the real model, with a controller that nobody trained: what it takes is what counts.</summary>
[Collection(RealModelTests.Name)]
public sealed partial class RealBudgetTests(RealModel real) : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        terminal.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("1.2MB", "learned+sinks1")]
    [InlineData("2MiB", "learned+sinks1+recent8")]
    public void A_budget_is_kept_and_used(string budget, string policy)
    {
        ControllerFile.Write(folder["controller.safetensors"], BudgetedCache.Controller);
        string prompt = real[Arithmetic.Int8].Tokenizer.Decode(real.Text.AsSpan(0, 250));

        int code = CommandLine.Run(
            [
                "generate", "-m", SharedFiles.SmolLm, "--controller", folder["controller.safetensors"], "--policy", policy,
                "--kv-budget", budget, "--max-tokens", "40", "--temperature", "0.7", "-p", prompt, "--show-bits",
            ],
            terminal.Terminal);

        TestContext.Current.TestOutputHelper?.WriteLine(terminal.ErrorLines[^1]);
        Assert.Equal(ExitCode.Done, code);
        Match taken = Taken().Match(terminal.ErrorLines[^1]);
        double most = double.Parse(taken.Groups["most"].Value, CultureInfo.InvariantCulture), given = double.Parse(taken.Groups["budget"].Value, CultureInfo.InvariantCulture);
        Assert.InRange(most, 0.9 * given, given);
    }

    [GeneratedRegex(@"at most (?<most>\d+\.\d) MB of --kv-budget (?<budget>\d+\.\d) MB")]
    private static partial Regex Taken();
}
