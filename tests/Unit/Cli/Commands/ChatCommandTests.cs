using System.Text.RegularExpressions;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference;
using AdaptiveKv.Unit.Policies.Budgets;
using AdaptiveKv.Unit.Policies.Control;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary>Conversations as scripts and people have them, on the micro model with a template.</summary>
public sealed partial class ChatCommandTests : IDisposable
{
    private const string First = "Simon: ring studio. Mia: book Simon. Now ring";

    private readonly MicroChat micro = new();

    public void Dispose() => micro.Dispose();

    [Fact]
    public void APipedConversationIsAnsweredLineByLine()
    {
        using TestTerminal terminal = new($"{First}\n\n   \nNow book\n/exit\nnever asked\n");

        Assert.Equal(ExitCode.Done, Run(terminal, "--policy", "static-4+sinks1"));

        Assert.Equal(2, terminal.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Match[] lines = [.. terminal.ErrorLines.Select(line => Status().Match(line)).Where(match => match.Success)];
        Assert.Equal(2, lines.Length);
        int[] Numbers(Match match) => [.. new[] { "read", "wrote", "held", "room" }.Select(name => int.Parse(match.Groups[name].Value, System.Globalization.CultureInfo.InvariantCulture))];
        (int[] first, int[] second) = (Numbers(lines[0]), Numbers(lines[1]));

        // What is held is what was read and written, once.
        Assert.Equal(first[0] + first[1], first[2]);
        Assert.Equal(first[2] + second[0] + second[1], second[2]);
        Assert.InRange(second[0], 1, 25);
        Assert.Equal(1024, second[3]);
        Assert.DoesNotContain("> ", string.Concat(terminal.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void TheEndOfTheInputEndsIt()
    {
        using TestTerminal terminal = new(First);

        Assert.Equal(ExitCode.Done, Run(terminal));
        Assert.NotEmpty(terminal.Output);
    }

    [Fact]
    public void ASavedConversationGoesOnInAnotherProcess()
    {
        string file = micro["my chat"];
        using TestTerminal whole = new($"{First}\n/save {file}\nNow book\n");
        Assert.Equal(ExitCode.Done, Run(whole, "--temperature", "1", "--policy", "static-3+sinks1+recent4"));

        using TestTerminal later = new($"/load {file}\nNow book\n");
        Assert.Equal(ExitCode.Done, Run(later, "--temperature", "1", "--policy", "static-3+sinks1+recent4"));

        Assert.Equal(whole.Output.Split('\n')[1], later.Output.Split('\n')[0]);
        Assert.Equal(Reads(whole)[1], Reads(later)[0]);
        Assert.Contains(later.ErrorLines, line => line.StartsWith($"[goes on with {file}; cache: ", StringComparison.Ordinal));
        using TestTerminal other = new($"/load {file}\n");
        Assert.Equal(ExitCode.BadData, Run(other, "--policy", "static-4"));
        Assert.Contains("was saved under policy static-3+sinks1+recent4, this one has static-4", other.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void AConversationThatAnotherControllerKeptIsRefused()
    {
        string controller = micro["controller.safetensors"], file = micro["chat"];
        ControllerFile.Write(controller, BudgetedCache.Controller);
        using TestTerminal first = new($"{First}\n/save {file}\n/load {file}\n");
        Assert.Equal(ExitCode.Done, Run(first, "--controller", controller));

        ControllerFile.Write(controller, BudgetedCache.Measured(Sample.Controller(8)));
        using TestTerminal other = new($"/load {file}\n");
        Assert.Equal(ExitCode.BadData, Run(other, "--controller", controller));
        Assert.Matches("controller_sha256.* was saved under controller [0-9a-f]{64}, this one has [0-9a-f]{64}: ", other.ErrorLines[^1]);
    }

    [Fact]
    public void ResetForgetsWhatWasSaid()
    {
        using TestTerminal terminal = new($"{First}\n/reset\n{First}\n");

        Assert.Equal(ExitCode.Done, Run(terminal));

        string[] answers = terminal.Output.Split('\n');
        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(Reads(terminal)[0], Reads(terminal)[1]);
        Assert.Contains(terminal.ErrorLines, line => line.StartsWith("[another conversation; cache: 0 of 1024 tokens, ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/rest", ExitCode.Usage, "did you mean '/reset'")]
    [InlineData("/wonder what this is", ExitCode.Usage, "a blank before it makes it a message")]
    [InlineData("/save", ExitCode.Usage, "expected /save FILE")]
    [InlineData("/load none", ExitCode.MissingInput, "none: no such saved session")]
    public void AScriptEndsAtItsFirstError(string line, int code, string words)
    {
        using TestTerminal terminal = new($"{line}\n{First}\n");

        Assert.Equal(code, Run(terminal));
        Assert.Contains(words, terminal.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Empty(terminal.Output);
    }

    [Fact]
    public void APersonGoesOnAfterOne()
    {
        using TestTerminal terminal = new($"/load none\n/help\n {First}\n", isTyped: true);

        Assert.Equal(ExitCode.Done, Run(terminal));

        Assert.Contains(terminal.ErrorLines, line => line.EndsWith("error: none: no such saved session", StringComparison.Ordinal));
        Assert.Contains(terminal.ErrorLines, line => line.Contains("/save FILE   writes the conversation", StringComparison.Ordinal));
        Assert.Single(terminal.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void CtrlCEndsAnAnswerAndNotTheProgram()
    {
        using TestTerminal terminal = new($"{First}\nNow book\n", isTyped: true) { InterruptAfter = 3 };

        Assert.Equal(ExitCode.Done, Run(terminal, "--max-tokens", "200"));

        Assert.Equal(2, Reads(terminal).Length);
        Assert.Single(terminal.ErrorLines, line => line.Contains("wrote 3 at ", StringComparison.Ordinal) && line.Contains("ended by Ctrl+C", StringComparison.Ordinal));
        Assert.True(terminal.Interrupt!(), "nothing is answered: a hint");
        Assert.False(terminal.Interrupt(), "then it ends the program");
    }

    [Fact]
    public void AFullConversationSaysSo()
    {
        using TestTerminal terminal = new($"{First}\n{First}\n{First}\n/reset\n{First}\n", isTyped: true);

        Assert.Equal(ExitCode.Done, Run(terminal, "--context", "40", "--max-tokens", "30"));

        Assert.Contains(terminal.ErrorLines, line => line.Contains("the conversation is full: /reset begins another", StringComparison.Ordinal));
        Assert.Contains(terminal.ErrorLines, line => line.Contains("the session room for ", StringComparison.Ordinal));
        Assert.EndsWith("per element]", terminal.ErrorLines[^2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no chat model")]
    [InlineData("--context 2000", "--context", "2000")]
    [InlineData("--min-p", "--min-p", "x")]
    [InlineData("temperature -1", "--temperature", "-1")]
    public void WhatIsWrongIsSaidAtOnce(string words, params string[] arguments)
    {
        using TestTerminal terminal = new(First);

        Assert.Equal(ExitCode.Usage, CommandLine.Run(["chat", "--model", arguments.Length == 0 ? SharedFiles.MicroModel : micro.Path, .. arguments], terminal.Terminal));
        Assert.Contains(words, terminal.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Empty(terminal.Output);
    }

    private int Run(TestTerminal terminal, params string[] arguments) => CommandLine.Run(
        ["chat", "--model", micro.Path, .. arguments.Contains("--max-tokens") ? (string[])[] : ["--max-tokens", "8"], .. arguments], terminal.Terminal);

    private static string[] Reads(TestTerminal terminal) => [.. terminal.ErrorLines.Select(line => Status().Match(line)).Where(match => match.Success).Select(match => match.Groups["read"].Value)];

    [GeneratedRegex(@"^(> )*\[read (?<read>\d+) tokens, wrote (?<wrote>\d+) at [\d.]+ tokens/s(, .*)?; cache: (?<held>\d+) of (?<room>\d+) tokens, [\d.]+ k?B, [\d.]+ bits per element\]$")]
    private static partial Regex Status();
}
