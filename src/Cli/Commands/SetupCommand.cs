using System.CommandLine;
using AdaptiveKv.Cli.Setup;
using AdaptiveKv.Data.Sql;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv setup</c>: what other commands would fetch at their first use, now.</summary>
internal static class SetupCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Command command = new("setup", "Fetch what the first 'akv data sql', 'groupby' or 'describe' would fetch: DuckDB's library");
        command.SetAction(_ =>
        {
            DuckDbSetup.Ensure(new StageReporter(terminal), terminal.Cancellation);
            DuckDbLibrary.Load();
            terminal.Output.WriteLine($"DuckDB {DuckDbPackage.Version}: {DuckDbLibrary.Location}");
            return ExitCode.Done;
        });
        return command;
    }
}
