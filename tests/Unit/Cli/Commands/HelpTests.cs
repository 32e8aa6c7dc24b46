using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Policies;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary>The help of every command is of one style, and its examples can be typed.</summary>
public sealed class HelpTests
{
    private static readonly Type[] Numbers = [typeof(int), typeof(int?), typeof(long?), typeof(double), typeof(double?), typeof(ulong)];

    public static TheoryData<string> Commands
    {
        get
        {
            using TestTerminal terminal = new();
            return [.. Paths(CommandLine.Root(terminal.Terminal), string.Empty)];
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void EveryCommandSaysWhatItTakes(string path)
    {
        using TestTerminal terminal = new();
        Command command = path.Split(' ').Aggregate((Command)CommandLine.Root(terminal.Terminal), (parent, word) => parent.Subcommands.Single(child => child.Name == word));
        foreach (Symbol symbol in command.Options.Cast<Symbol>().Concat(command.Arguments).Append(command))
        {
            Assert.True(symbol.Description is { Length: > 0 } text && !char.IsLower(text[0]) && !text.EndsWith('.'), $"{path}: {symbol.Name}: {symbol.Description}");
        }

        foreach (Option option in command.Options.Where(option => option.ValueType != typeof(bool) && option is not System.CommandLine.Help.HelpOption))
        {
            string description = option.Description!;
            Assert.True(option.HelpName is not null || option is IFileSymbol, $"{path}: {option.Name} does not say what it takes");
            Assert.True(
                !Numbers.Contains(option.ValueType) || option.Required || option.HasDefaultValue || ((string[])["default", "without it", "instead of", "0 "]).Any(word => description.Contains(word, StringComparison.Ordinal)),
                $"{path}: {option.Name} does not say its default: {description}");
        }

        Assert.Equal(ExitCode.Done, CommandLine.Run([.. path.Split(' '), "--help"], terminal.Terminal));
        Assert.Contains("Exit codes:\n  0 done, 1 the answer is no, 2 ", terminal.Output, StringComparison.Ordinal);
        if (command.Subcommands.Count > 0)
        {
            return;
        }

        string[] examples = [.. terminal.Output.Split("Examples:\n")[1].Split("\n\n")[0].Split('\n').Select(line => line.Trim())];
        Assert.NotEmpty(examples);
        foreach (string example in examples.Where(example => example.StartsWith("akv ", StringComparison.Ordinal)))
        {
            IReadOnlyList<string> words = [.. CommandLineParser.SplitCommandLine(example.Replace('\'', '"')).Skip(1)];
            ParseResult parse = CommandLine.Root(terminal.Terminal).Parse(words);
            Assert.True(parse.Errors.Count == 0 || path == "test", $"{example}: {string.Join("; ", parse.Errors.Select(error => error.Message))}");
        }
    }

    [Fact]
    public void TheRootListsAllCommandsInGroups()
    {
        using TestTerminal terminal = new();
        Assert.Equal(ExitCode.Done, CommandLine.Run(["--help"], terminal.Terminal));

        Assert.StartsWith("AdaptiveKv: ", terminal.Output, StringComparison.Ordinal);
        Assert.Contains("\nPipelines:\n  run ", terminal.Output, StringComparison.Ordinal);
        Assert.All(CommandLine.Root(terminal.Terminal).Subcommands, command => Assert.Contains($"\n  {command.Name} ", terminal.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void PoliciesAreThoseOfTheCatalog()
    {
        Assert.All(PolicyForm.All, form => PolicyCatalog.Check(form.Example, 0, ["learned", "learned:wide"]));
        using TestTerminal terminal = new();
        Assert.Equal(ExitCode.Done, CommandLine.Run(["policies", "--json"], terminal.Terminal));
        Assert.Contains("\"example\": \"static-2+escalate5\"", terminal.Output, StringComparison.Ordinal);
    }

    /// <summary>The script, in a bash: what it offers is what System.CommandLine knows, and a path is left to the shell.</summary>
    [Theory]
    [InlineData("akv ru", "run runs")]
    [InlineData("akv runs re", "remove restore")]
    [InlineData("akv run --fo", "--force")]
    [InlineData("akv gate no-such-", "")]
    public void BashCompletes(string line, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs bash");
        using TestTerminal terminal = new();
        Assert.Equal(ExitCode.Done, CommandLine.Run(["completion", "bash"], terminal.Terminal));
        string akv = $"akv() {{ '{Pipeline.Execution.Child.DotNet}' '{Path.Combine(AppContext.BaseDirectory, "akv.dll")}' \"$@\"; }}";
        string script = $"{akv}\n{terminal.Output}\nCOMP_LINE='{line}' COMP_POINT={line.Length} COMP_WORDS=({line}) COMP_CWORD={line.Split(' ').Length - 1}\n_akv\necho \"${{COMPREPLY[*]}}\"";
        using Process bash = ChildProcess.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true });

        Assert.Equal((0, $"{expected}\n", ""), Pipeline.Execution.Child.End(bash));
    }

    private static IEnumerable<string> Paths(Command command, string prefix) => command.Subcommands.SelectMany(child => Paths(child, $"{prefix}{child.Name} ").Prepend($"{prefix}{child.Name}"));
}
