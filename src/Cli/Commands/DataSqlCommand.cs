using System.CommandLine;
using AdaptiveKv.Cli.Data;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Sql;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv data sql</c>: a query over files, which it can neither change nor leave.</summary>
internal static class DataSqlCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        DataOptions options = new();
        Argument<string[]> words = new("file... query")
        {
            Description = "Parquet files, or folders of segments, of the same columns, then a SELECT over the view t of all their rows: \"SELECT item, avg(loss) FROM t GROUP BY item\"",
            Arity = new ArgumentArity(2, 100_000),
        };
        Option<int?> limit = CommonOptions.WholeNumber("--limit", $"Rows to show; {DataOptions.ShownRows} in a table, all in JSON if not given", 1);
        Command command = new("sql", "Run a query over files; it can only read, and only these files") { words, limit, options.Json };
        command.SetAction(arguments =>
        {
            string[] given = arguments.GetRequiredValue(words);
            Table table = Table.Open(given is [var single, _] ? single : $"{given[0]} and {given.Length - 2} more", [.. given[..^1].SelectMany(TablePath.Files)]);
            DataOptions.RequireSql(terminal);
            return options.Show(arguments, table.Sql(given[^1], terminal.Cancellation), arguments.GetValue(limit), terminal);
        });
        return command;
    }
}
