using System.CommandLine;
using AdaptiveKv.Cli.Data;
using AdaptiveKv.Data;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv data check</c>: reads a table completely and compares it with its manifest and its schema.</summary>
internal static class DataCheckCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        DataOptions options = new();
        Command command = new("check", "Read a table completely: published bytes must be as their manifest says; types, missing values, NaN and repeated keys as its schema says (exit 1 otherwise)") { options.File };
        command.SetAction(arguments =>
        {
            string path = arguments.GetRequiredValue(options.File);
            TablePath.Verify(path);
            Table table = DataOptions.Open(path);
            TableMetadata metadata = table.Metadata;
            IReadOnlyList<string> faults = TableCheck.FindFaults(table, terminal.Cancellation);
            foreach (string fault in faults)
            {
                terminal.Output.WriteLine($"{metadata.Path}: {fault}");
            }

            string kind = metadata.Schema is { } schema ? $"table '{schema.Name}' version {schema.Version}" : "no schema to compare with, written by another program";
            terminal.Output.WriteLine(faults.Count == 0
                ? $"{metadata.Path}: sound, {metadata.Rows:N0} rows of {metadata.Columns.Count} columns, {kind}"
                : $"{metadata.Path}: {faults.Count} {(faults.Count == 1 ? "fault" : "faults")}: make the file again");
            return faults.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
