using System.Buffers;
using System.Globalization;
using System.Text;
using AdaptiveKv.Data;

namespace AdaptiveKv.Cli.Data;

/// <summary>Rows as CSV (RFC 4180, lines end with LF): numbers so that they read back exactly, nothing where there is no value, "" for an empty text, lists as [1,2].</summary>
internal static class CsvText
{
    private const int CharactersAtOnce = 1 << 16;

    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    /// <summary>Writes the header and all rows.</summary>
    public static void Write(TableRows rows, TextWriter output)
    {
        var text = new StringBuilder();
        Append(text, rows.Columns.Select(column => (object?)column.Name));
        foreach (object?[] row in rows)
        {
            Append(text, row);
            if (text.Length >= CharactersAtOnce)
            {
                output.Write(text);
                text.Clear();
            }
        }

        output.Write(text);
    }

    private static void Append(StringBuilder text, IEnumerable<object?> values)
    {
        string separator = string.Empty;
        foreach (object? value in values)
        {
            text.Append(separator);
            Append(text, value);
            separator = ",";
        }

        text.Append('\n');
    }

    private static void Append(StringBuilder text, object? value)
    {
        string field = value switch
        {
            bool truth => truth ? "true" : "false",
            float[] list => $"[{string.Join(',', list.Select(element => element.ToString("R", CultureInfo.InvariantCulture)))}]",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
        };
        bool quoted = value is "" || field.AsSpan().ContainsAny(Special);
        text.Append(quoted ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field);
    }
}
