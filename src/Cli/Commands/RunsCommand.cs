using System.CommandLine;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv runs</c>: the runs of a pipeline that are kept under names.</summary>
internal static class RunsCommand
{
    /// <summary>The command and its subcommands.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog) => new("runs", "List, compare and restore the runs of a pipeline that 'akv run' kept")
    {
        RunsListCommand.Create(terminal, catalog),
        RunsShowCommand.Create(terminal, catalog),
        RunsDiffCommand.Create(terminal, catalog),
        RunsRestoreCommand.Create(terminal, catalog),
        RunsRemoveCommand.Create(terminal, catalog),
        RunsGcCommand.Create(terminal, catalog),
    };
}
