using System.CommandLine;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv data</c>: a look into Parquet files, of this program or any other, and folders of segments.</summary>
internal static class DataCommand
{
    /// <summary>The command and its subcommands.</summary>
    public static Command Create(Terminal terminal) => new("data", "Look into tables, Parquet files or folders of them: rows, schema, statistics, SQL")
    {
        DataRowsCommand.Head(terminal),
        DataRowsCommand.Tail(terminal),
        DataRowsCommand.Sample(terminal),
        DataSchemaCommand.Create(terminal),
        DataDescribeCommand.Create(terminal),
        DataGroupByCommand.Create(terminal),
        DataSqlCommand.Create(terminal),
        DataCheckCommand.Create(terminal),
        DataToCsvCommand.Create(terminal),
    };
}
