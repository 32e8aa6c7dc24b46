using System.Text;

namespace AdaptiveKv.Evaluation.Reports;

/// <summary>Rows of cells as aligned plain text or as Markdown; the first column is left-aligned, the others right-aligned.</summary>
public sealed class TextTable
{
    private readonly List<string[]> rows;

    /// <summary>A table of no rows yet.</summary>
    public TextTable(params string[] headers) => rows = [headers];

    /// <summary>Adds a row of as many cells as there are headers.</summary>
    public void Add(params string[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, rows[0].Length, nameof(cells));
        rows.Add(cells);
    }

    /// <summary>Columns two blanks apart under a ruled header; lines end with LF.</summary>
    public string ToText()
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (string[] row in rows)
        {
            text.Append(string.Join("  ", row.Select((cell, column) => Pad(cell, widths[column], column))).TrimEnd()).Append('\n');
            if (row == rows[0])
            {
                text.Append('-', widths.Sum() + (2 * (widths.Length - 1))).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>Lines end with LF.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        foreach (string[] row in rows)
        {
            text.Append("| ").AppendJoin(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
            if (row == rows[0])
            {
                text.Append("|---|").Insert(text.Length, "---:|", row.Length - 1).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Pad(string cell, int width, int column) => column == 0 ? cell.PadRight(width) : cell.PadLeft(width);
}
