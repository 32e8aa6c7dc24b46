using System.Security;
using System.Text;
using AdaptiveKv.Evaluation.Plots;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>Rows of cells as aligned plain text or as Markdown; the first column is left-aligned, the others right-aligned.</summary>
public sealed class TextTable
{
    private const int LeastName = 24;

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
    /// <param name="width">Characters of a line of the screen. Where that is too little, names lose their middles, then columns before the last one go, and a last line says so. Null for no limit.</param>
    public string ToText(int? width = null)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        List<int> shown = [.. Enumerable.Range(0, widths.Length)];
        int most = width ?? int.MaxValue;
        if (Total() > most)
        {
            widths[0] = Math.Min(widths[0], Math.Max(LeastName, most - Total() + widths[0]));
        }

        while (Total() > most && shown.Count > 2)
        {
            shown.RemoveAt(shown.Count - 2);
        }

        var text = new StringBuilder();
        foreach (string[] row in rows)
        {
            text.Append(string.Join("  ", shown.Select(column => Pad(Shortened(row[column], widths[column]), widths[column], column))).TrimEnd()).Append('\n');
            if (row == rows[0])
            {
                text.Append('-', Total()).Append('\n');
            }
        }

        string[] gone = [.. Enumerable.Range(0, widths.Length).Except(shown).Select(column => rows[0][column])];
        return text.Append(gone.Length == 0 ? string.Empty : $"(left out for want of room: {string.Join(", ", gone)})\n").ToString();

        int Total() => shown.Sum(column => widths[column]) + (2 * (shown.Count - 1));
    }

    /// <summary>A table element of HTML; the first column names the rows. Lines end with LF.</summary>
    public string ToHtml()
    {
        var text = new StringBuilder("<table>\n");
        foreach (string[] row in rows)
        {
            string[] cells = [.. row.Select(cell => SecurityElement.Escape(Printable.Of(cell)))];
            text.Append(row == rows[0]
                ? $"<thead><tr>{string.Concat(cells.Select(cell => $"<th scope=\"col\">{cell}</th>"))}</tr></thead>\n<tbody>\n"
                : $"<tr><th scope=\"row\">{cells[0]}</th>{string.Concat(cells.Skip(1).Select(cell => $"<td>{cell}</td>"))}</tr>\n");
        }

        return text.Append("</tbody>\n</table>\n").ToString();
    }

    /// <summary>Lines end with LF.</summary>
    /// <param name="mostRows">Further rows are left out, from the middle, where a row of dots says so.</param>
    public string ToMarkdown(int mostRows = int.MaxValue)
    {
        var text = new StringBuilder();
        int first = rows.Count - 1 <= mostRows ? rows.Count : 1 + (mostRows / 2);
        foreach (string[] row in rows.Take(first))
        {
            AppendMarkdown(text, row);
            if (row == rows[0])
            {
                text.Append("|---|").Insert(text.Length, "---:|", row.Length - 1).Append('\n');
            }
        }

        if (first < rows.Count)
        {
            AppendMarkdown(text, [.. rows[0].Select(_ => "...")]);
            rows.TakeLast(mostRows - (mostRows / 2)).ToList().ForEach(row => AppendMarkdown(text, row));
        }

        return text.ToString();
    }

    private static void AppendMarkdown(StringBuilder text, string[] row) =>
        text.Append("| ").AppendJoin(" | ", row.Select(cell => MarkdownText.Of(cell).Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");

    private static string Shortened(string cell, int width) =>
        cell.Length <= width ? cell : $"{cell[..((width - 1) / 2)]}…{cell[^(width / 2)..]}";

    private static string Pad(string cell, int width, int column) => column == 0 ? cell.PadRight(width) : cell.PadLeft(width);
}
