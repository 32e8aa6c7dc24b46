using System.CommandLine;
using AdaptiveKv.Data;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv data head</c>, <c>tail</c> and <c>sample</c>: some rows of a table.</summary>
internal static class DataRowsCommand
{
    private const int Preset = 10;

    /// <summary>The first rows.</summary>
    public static Command Head(Terminal terminal) =>
        Create("head", "Show the first rows", terminal, [], (table, limit, columns, _) => table.Head(limit, columns, terminal.Cancellation));

    /// <summary>The last rows.</summary>
    public static Command Tail(Terminal terminal) =>
        Create("tail", "Show the last rows", terminal, [], (table, limit, columns, _) => table.Tail(limit, columns, terminal.Cancellation));

    /// <summary>Rows at random.</summary>
    public static Command Sample(Terminal terminal)
    {
        Option<ulong> seed = CommonOptions.Seed();
        return Create("sample", "Show rows chosen at random, in the table's order", terminal, [seed],
            (table, limit, columns, arguments) => table.Sample(limit, arguments.GetValue(seed), columns, terminal.Cancellation));
    }

    private static Command Create(
        string name, string description, Terminal terminal, IReadOnlyList<Option> own, Func<Table, int, IReadOnlyList<string>?, ParseResult, TableRows> choose)
    {
        DataOptions options = new();
        Option<int> limit = CommonOptions.WholeNumber("--limit", "Rows to show", 1, Preset);
        Command command = new(name, description) { options.File, limit, options.Columns, options.Json };
        foreach (Option option in own)
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            Table table = DataOptions.Open(arguments.GetRequiredValue(options.File));
            int rows = arguments.GetValue(limit);
            return options.Show(arguments, choose(table, rows, options.Chosen(arguments, table), arguments), rows, terminal);
        });
        return command;
    }
}
