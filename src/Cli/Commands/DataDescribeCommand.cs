using System.CommandLine;
using AdaptiveKv.Cli.Data;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;
using AdaptiveKv.Data.Sql;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv data describe</c>: statistics of every column.</summary>
internal static class DataDescribeCommand
{
    private static readonly ResultColumn[] Header =
    [
        new("column", ColumnType.String), new("type", ColumnType.String), new("count", ColumnType.Int64), new("nulls", ColumnType.Int64), new("nan", ColumnType.Int64),
        new("distinct", ColumnType.Int64), new("min", ColumnType.Float64), new("max", ColumnType.Float64), new("mean", ColumnType.Float64), new("std", ColumnType.Float64),
        new("q25", ColumnType.Float64), new("median", ColumnType.Float64), new("q75", ColumnType.Float64),
    ];

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        DataOptions options = new();
        Command command = new("describe", "Show count, nulls, distinct values (estimated), range, mean and quartiles (approximate) of columns; of lists, those of their lengths")
        {
            options.File, options.Columns, options.Json,
        };
        command.SetAction(arguments =>
        {
            Table table = DataOptions.Open(arguments.GetRequiredValue(options.File));
            IReadOnlyList<string>? columns = options.Chosen(arguments, table);
            DataOptions.RequireSql(terminal);
            object?[][] rows = [.. table.Describe(columns, terminal.Cancellation).Select(Row)];
            if (arguments.GetValue(options.Json))
            {
                RowJson.Write(Header, rows, terminal.Output);
                return ExitCode.Done;
            }

            TableView.Write(Header, rows, terminal);
            return ExitCode.Done;
        });
        return command;
    }

    private static object?[] Row(ColumnSummary column) =>
    [
        column.Name, column.StoredType, column.Count, column.Nulls, column.NonFinite, column.Distinct, column.Min, column.Max,
        column.Mean, column.Std, column.Q25, column.Median, column.Q75,
    ];
}
