using System.CommandLine;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Sql;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv data groupby</c>: figures of groups of rows.</summary>
internal static class DataGroupByCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        DataOptions options = new();
        Argument<string> by = new("columns") { Description = "The columns whose values make a group, comma-separated" };
        Option<string> figures = new("--agg")
        {
            Description = $"Comma-separated: count, or {string.Join(", ", Aggregate.Known)} of a column, such as mean(loss)",
            HelpName = "list",
            DefaultValueFactory = _ => "count",
        };
        Option<int?> limit = CommonOptions.WholeNumber("--limit", $"Groups to show; {DataOptions.ShownRows} in a table, all in JSON if not given", 1);
        Command command = new("groupby", "Show figures of groups of rows; NaN and infinities are left out") { options.File, by, figures, limit, options.Json };
        command.SetAction(arguments =>
        {
            IReadOnlyList<Aggregate> aggregates = Aggregate.Parse(arguments.GetRequiredValue(figures));
            Table table = DataOptions.Open(arguments.GetRequiredValue(options.File));
            IReadOnlyList<string> columns = DataOptions.Require(table, arguments.GetRequiredValue(by).Split(',', StringSplitOptions.TrimEntries));
            DataOptions.Require(table, [.. aggregates.Select(aggregate => aggregate.Column).OfType<string>()]);
            DataOptions.RequireSql(terminal);
            return options.Show(arguments, table.GroupBy(columns, aggregates, terminal.Cancellation), arguments.GetValue(limit), terminal);
        });
        return command;
    }
}
