using System.CommandLine;
using AdaptiveKv.Cli.Data;
using AdaptiveKv.Data;
using AdaptiveKv.Files;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv data to-csv</c>: all rows as text, as they are read.</summary>
internal static class DataToCsvCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        DataOptions options = new();
        FileOption<string?> output = new(FileRole.Output, "--output", "-o") { Description = "The file to write, instead of standard output" };
        Command command = new("to-csv", "Write all rows as CSV (RFC 4180, UTF-8, LF)") { options.File, options.Columns, output };
        command.SetAction(arguments =>
        {
            string? path = arguments.GetValue(output) is { } given ? OutputFile.Require(given) : null;
            Table table = DataOptions.Open(arguments.GetRequiredValue(options.File));
            using TableRows rows = table.All(options.Chosen(arguments, table), terminal.Cancellation);
            if (path is null)
            {
                CsvText.Write(rows, terminal.Data);
                return ExitCode.Done;
            }

            OutputFile.Write(path, stream =>
            {
                using StreamWriter text = new(stream, leaveOpen: true);
                CsvText.Write(rows, text);
            });
            return ExitCode.Done;
        });
        return command;
    }
}
