using System.CommandLine;
using AdaptiveKv.Cli.Data;
using AdaptiveKv.Cli.Setup;
using AdaptiveKv.Data;
using AdaptiveKv.Files;

namespace AdaptiveKv.Cli.Commands;

/// <summary>What the data commands share: the file, the columns, and how rows are shown.</summary>
internal sealed class DataOptions
{
    /// <summary>Rows of a table for people, where no number is given.</summary>
    public const int ShownRows = 40;

    /// <summary>The Parquet file or the folder of segments.</summary>
    public Argument<string> File { get; } = new FileArgument<string>("file") { Description = "A Parquet file, or the folder of a table's segments that a stage has published" };

    /// <summary><c>--columns</c>.</summary>
    public Option<string?> Columns { get; } = new("--columns") { Description = "Only these columns, comma-separated", HelpName = "names" };

    /// <summary><c>--json</c>.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print JSON instead of a table" };

    /// <summary>Opens a table.</summary>
    public static Table Open(string path) => Table.Open(path, TablePath.Files(path));

    /// <summary>Fetches DuckDB where it is missing: when it is known that there is something to query.</summary>
    public static void RequireSql(Terminal terminal) => DuckDbSetup.Ensure(new StageReporter(terminal), terminal.Cancellation);

    /// <summary>The columns that were asked for; null for all.</summary>
    /// <exception cref="FormatException">The table lacks one; the message holds the nearest name.</exception>
    public IReadOnlyList<string>? Chosen(ParseResult arguments, Table table) =>
        arguments.GetValue(Columns) is { } names ? Require(table, names.Split(',', StringSplitOptions.TrimEntries)) : null;

    /// <summary>Refuses names of columns that a table lacks.</summary>
    /// <exception cref="FormatException">The message holds the nearest name.</exception>
    public static IReadOnlyList<string> Require(Table table, IReadOnlyList<string> names)
    {
        string[] known = [.. table.Metadata.Columns.Select(column => column.Name)];
        foreach (string name in names.Where(name => !known.Contains(name)))
        {
            string remedy = NearestName.Find(name, known) is { } near ? $"did you mean '{near}'?" : $"its columns: {string.Join(", ", known)}";
            throw new FormatException($"{table.Metadata.Path}: no column '{name}': {remedy}");
        }

        return names;
    }

    /// <summary>Shows rows as JSON, every one, or as a table, as many as fit the limit.</summary>
    /// <param name="arguments">Whether JSON was asked for.</param>
    /// <param name="rows">Are read as far as they are shown.</param>
    /// <param name="limit">Rows at most; null: all as JSON, <see cref="ShownRows"/> as a table.</param>
    /// <param name="terminal">Where to show them.</param>
    public int Show(ParseResult arguments, TableRows rows, int? limit, Terminal terminal)
    {
        using (rows)
        {
            if (arguments.GetValue(Json))
            {
                RowJson.Write(rows.Columns, limit is { } most ? rows.Take(most) : rows, terminal.Output);
                return ExitCode.Done;
            }

            int shown = limit ?? ShownRows;
            object?[][] page = [.. rows.Take(shown + 1)];
            TableView.Write(rows.Columns, [.. page.Take(shown)], terminal);
            if (page.Length > shown)
            {
                terminal.Note($"the first {shown} rows; --limit shows more, --json all");
            }

            return ExitCode.Done;
        }
    }
}
