using System.CommandLine;
using System.CommandLine.Invocation;

namespace AdaptiveKv.Cli.Commands;

/// <summary>Parses the command line, runs the command, and turns whatever it throws into one line and an exit code.</summary>
internal static class CommandLine
{
    // It has options that no stage has: it prints tables and takes what a pipeline would name in a file.
    private static readonly string[] HandWritten = ["evaluate"];

    /// <summary>Runs one command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, Terminal terminal) => Run(arguments, terminal, Commands(terminal));

    /// <summary>The same with other commands, of a program that goes by another name.</summary>
    public static int Run(IReadOnlyList<string> arguments, Terminal terminal, IReadOnlyList<Command> commands, string program = "akv")
    {
        Option<bool> verbose = Verbose();
        Option<string> kernels = KernelChoice.Option();
        // A prompt may start with '@'; it does not name a file of further arguments.
        ParseResult parse = Root(commands, verbose, kernels).Parse(WithHelp(arguments), new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Action is ParseErrorAction || (parse.Action is CommandHelp && parse.UnmatchedTokens.Count > 0))
        {
            return IsBareGroup(parse)
                ? Help(parse, terminal)
                : Fail(new Failure(ExitCode.Usage, UsageError.Describe(parse, program)), terminal);
        }

        try
        {
            KernelChoice.Require(parse.GetValue(kernels));
            OutputCheck.Require(parse);
            int code = parse.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = terminal.Output, Error = terminal.Error });

            // Some commands show what they have when they are cancelled.
            return terminal.Cancellation.IsCancellationRequested && code == terminal.CancelledCode() ? Cancelled(terminal) : code;
        }
#pragma warning disable CA1031 // The edge of the process: every exception ends here as a line and an exit code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (parse.GetValue(verbose))
            {
                terminal.Error.WriteLine(exception);
            }

            return exception is OperationCanceledException ? Cancelled(terminal) : Fail(Failure.Of(exception, terminal.CancelledCode()), terminal);
        }
    }

    // 'akv help gate' is 'akv gate --help'.
    private static IReadOnlyList<string> WithHelp(IReadOnlyList<string> arguments) =>
        arguments is ["help", ..] ? [.. arguments.SkipWhile(word => word == "help"), "--help"] : arguments;

    /// <summary>All commands with their options.</summary>
    public static RootCommand Root(Terminal terminal) => Root(Commands(terminal), Verbose(), KernelChoice.Option());

    /// <summary>The kernels that a command line asks for.</summary>
    public static string? Kernels(IReadOnlyList<string> arguments, Terminal terminal)
    {
        Option<string> kernels = KernelChoice.Option();
        ParseResult parse = Root(Commands(terminal), Verbose(), kernels).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        return parse.Errors.Count == 0 ? parse.GetValue(kernels) : null;
    }

    private static Option<bool> Verbose() => new("--verbose", "-v") { Description = "Show where an error comes from", Recursive = true };

    private static RootCommand Root(IReadOnlyList<Command> commands, Option<bool> verbose, Option<string> kernels)
    {
        RootCommand root = new("AdaptiveKv: language models with a mixed-precision KV cache") { verbose };
        CommandHelp.AddTo(root);
        KernelChoice.AddTo(commands, kernels);
        foreach (Command command in commands)
        {
            root.Add(command);
        }

        return root;
    }

    private static Command[] Commands(Terminal terminal) =>
    [
        PipelineRunCommand.Create(terminal, Stages.Catalog),
        GenerateCommand.Create(terminal),
        ServeCommand.Create(terminal),
        ChatCommand.Create(terminal),
        EvaluateCommand.Create(terminal),
        PerplexityCommand.Create(terminal),
        .. Stages.Catalog.Kinds.Values.Where(kind => !HandWritten.Contains(kind.Name)).Select(kind => StageCommand.Create(terminal, kind)),
        BenchCommand.Create(terminal),
        ExportCommand.Create(terminal),
        ModelCommand.Create(terminal),
        SweepCommand.Create(terminal, Stages.Catalog),
        RunsCommand.Create(terminal, Stages.Catalog),
        StatusCommand.Create(terminal, Stages.Catalog),
        DagCommand.Create(terminal, Stages.Catalog),
        ValidateCommand.Create(terminal, Stages.Catalog),
        MetricsCommand.Create(terminal, Stages.Catalog),
        ShardCommand.Create(terminal, Stages.Catalog),
        GateCommand.Create(terminal, Stages.Catalog),
        DataCommand.Create(terminal),
        SetupCommand.Create(terminal),
        TestCommand.Create(),
        DoctorCommand.Create(terminal),
        PoliciesCommand.Create(terminal),
        CompletionCommand.Create(terminal),
    ];

    private static bool IsBareGroup(ParseResult parse) => parse.UnmatchedTokens.Count == 0 && parse.CommandResult.Command.Subcommands.Count > 0;

    private static int Help(ParseResult parse, Terminal terminal)
    {
        parse.InvocationConfiguration.Output = terminal.Error;
        new CommandHelp().Invoke(parse);
        return ExitCode.Usage;
    }

    private static int Cancelled(Terminal terminal)
    {
        Failure failure = Failure.Of(new OperationCanceledException(), terminal.CancelledCode());
        return terminal.End() ? Fail(failure, terminal) : failure.Code;
    }

    private static int Fail(Failure failure, Terminal terminal)
    {
        terminal.Error.WriteLine(failure.Line);
        return failure.Code;
    }
}
