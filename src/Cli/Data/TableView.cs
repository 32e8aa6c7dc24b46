using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;
using Spectre.Console;

namespace AdaptiveKv.Cli.Data;

/// <summary>
/// Rows for people. On a screen, drawn tables: columns that do not fit beside each other follow below, after the first column once more.
/// Elsewhere plain aligned text, one line a row.
/// </summary>
internal static class TableView
{
    private const int BorderPerColumn = 3;

    /// <summary>Writes the rows.</summary>
    public static void Write(IReadOnlyList<ResultColumn> columns, IReadOnlyList<object?[]> rows, Terminal terminal)
    {
        string[][] cells = [[.. columns.Select(column => VisibleText.OnOneLine(column.Name))], .. rows.Select(row => row.Select(ValueText.Of).ToArray())];
        int[] widths = [.. columns.Select((_, i) => cells.Max(row => row[i].GetCellWidth()))];
        bool[] right = [.. columns.Select(column => column.Type is not (ColumnType.String or ColumnType.Boolean or ColumnType.Float32List))];
        if (terminal.OutputScreen is not { } screen)
        {
            WritePlain(cells, widths, right, terminal.Output);
            return;
        }

        foreach (int[] block in Blocks(widths, screen.Profile.Width))
        {
            screen.Write(Draw(cells, right, block));
        }
    }

    /// <summary>The columns of each drawn table.</summary>
    private static IEnumerable<int[]> Blocks(int[] widths, int screen)
    {
        List<int> block = [0];
        int used = 1 + widths[0] + BorderPerColumn;
        for (int i = 1; i < widths.Length; i++)
        {
            if (block.Count > 1 && used + widths[i] + BorderPerColumn > screen)
            {
                yield return [.. block];
                block = [0];
                used = 1 + widths[0] + BorderPerColumn;
            }

            block.Add(i);
            used += widths[i] + BorderPerColumn;
        }

        yield return [.. block];
    }

    private static Spectre.Console.Table Draw(string[][] cells, bool[] right, int[] columns)
    {
        Spectre.Console.Table table = new() { Border = TableBorder.Rounded };
        foreach (int i in columns)
        {
            table.AddColumn(new Spectre.Console.TableColumn(new Text(cells[0][i], new Style(decoration: Decoration.Bold))) { NoWrap = true, Alignment = right[i] ? Justify.Right : Justify.Left });
        }

        foreach (string[] row in cells[1..])
        {
            table.AddRow(columns.Select(i => new Text(row[i], row[i] == ValueText.Missing ? new Style(decoration: Decoration.Dim) : Style.Plain)));
        }

        return table;
    }

    private static void WritePlain(string[][] cells, int[] widths, bool[] right, TextWriter output)
    {
        foreach (string[] row in cells)
        {
            string line = string.Join("  ", row.Select((cell, i) =>
            {
                string padding = new(' ', widths[i] - cell.GetCellWidth());
                return right[i] ? padding + cell : cell + padding;
            }));
            output.WriteLine(line.TrimEnd());
            if (row == cells[0])
            {
                output.WriteLine(new string('-', widths.Sum() + (2 * (widths.Length - 1))));
            }
        }
    }
}
