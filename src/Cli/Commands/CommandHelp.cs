using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace AdaptiveKv.Cli.Commands;

/// <summary>The help of every command: what System.CommandLine says of it, then examples and exit codes; of akv itself its commands in groups.</summary>
internal sealed class CommandHelp : SynchronousCommandLineAction
{
    private static readonly (string Title, string[] Commands)[] Groups =
    [
        ("Pipelines", ["run", "sweep", "runs", "status", "dag", "validate", "shard"]),
        ("Results", ["metrics", "gate"]),
        ("Text", ["generate", "chat", "serve"]),
        ("Measurements", ["evaluate", "perplexity", "bench", "policies"]),
        ("Stages by themselves", [.. Stages.Catalog.Kinds.Keys.Where(name => name != "evaluate")]),
        ("Models and data", ["model", "data", "export"]),
        ("This installation", ["doctor", "setup", "test", "completion"]),
    ];

    private static readonly (int Code, string Meaning)[] Codes =
    [
        (ExitCode.Done, "done"), (ExitCode.Failed, "the answer is no"), (ExitCode.Usage, "wrong command line or configuration"), (ExitCode.Gate, "a gate failed"), (ExitCode.BadData, "malformed model or data"),
        (ExitCode.MissingInput, "missing input"), (ExitCode.Internal, "defect"), (ExitCode.InputOutput, "disk or network"), (ExitCode.Interrupted, "interrupted, try again"), (ExitCode.Cancelled, "Ctrl+C"),
    ];

    /// <summary>Puts it in the place of the help that a root command has.</summary>
    public static void AddTo(RootCommand root) => root.Options.OfType<HelpOption>().Single().Action = new CommandHelp();

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Command command = parseResult.CommandResult.Command;
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (command is RootCommand)
        {
            WriteRoot(command, output);
            return ExitCode.Done;
        }

        new HelpAction().Invoke(parseResult);
        if (command.Subcommands.Count == 0)
        {
            output.WriteLine("Examples:");
            CommandExamples.Of(Path(parseResult.CommandResult), command).ToList().ForEach(example => output.WriteLine($"  {example}"));
            output.WriteLine();
        }

        output.WriteLine("Exit codes:");
        output.WriteLine($"  {string.Join(", ", Codes.Select(code => $"{code.Code} {code.Meaning}"))}");
        return ExitCode.Done;
    }

    private static string Path(CommandResult result) => result.Parent is CommandResult { Command: not RootCommand } parent ? $"{Path(parent)} {result.Command.Name}" : result.Command.Name;

    private static void WriteRoot(Command root, TextWriter output)
    {
        output.WriteLine(root.Description);
        output.WriteLine("\nUsage:\n  akv COMMAND [options]; akv COMMAND --help says more");
        Dictionary<string, Command> left = root.Subcommands.Where(command => !command.Hidden).ToDictionary(command => command.Name);
        int width = left.Keys.Max(name => name.Length);
        foreach ((string title, string[] names) in Groups.Append(("Other", [.. left.Keys.Except(Groups.SelectMany(group => group.Commands))])))
        {
            Command[] commands = [.. names.Where(left.ContainsKey).Select(name => left[name])];
            if (commands.Length > 0)
            {
                output.WriteLine($"\n{title}:");
                commands.ToList().ForEach(command => output.WriteLine($"  {command.Name.PadRight(width)}  {command.Description}"));
            }
        }

        output.WriteLine($"\nExit codes:\n  {string.Join(", ", Codes.Select(code => $"{code.Code} {code.Meaning}"))}");
    }
}
