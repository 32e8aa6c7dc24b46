using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AdaptiveKv.Data;

namespace AdaptiveKv.Cli.Data;

/// <summary>Rows as a JSON array of objects, one a line, as they are read. NaN and infinities are the texts "NaN", "Infinity" and "-Infinity".</summary>
internal static class RowJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the rows.</summary>
    public static void Write(IReadOnlyList<ResultColumn> columns, IEnumerable<object?[]> rows, TextWriter output)
    {
        JsonEncodedText[] names = [.. Unique(columns).Select(name => JsonEncodedText.Encode(name, Options.Encoder))];
        var buffer = new ArrayBufferWriter<byte>();
        using Utf8JsonWriter json = new(buffer, Options);
        string separator = "[\n";
        foreach (object?[] row in rows)
        {
            json.WriteStartObject();
            for (int i = 0; i < names.Length; i++)
            {
                json.WritePropertyName(names[i]);
                WriteValue(json, row[i]);
            }

            json.WriteEndObject();
            json.Flush();
            output.Write(separator);
            output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
            separator = ",\n";
            buffer.ResetWrittenCount();
            json.Reset();
        }

        output.WriteLine(separator == "[\n" ? "[]" : "\n]");
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case bool truth: json.WriteBooleanValue(truth); break;
            case int number: json.WriteNumberValue(number); break;
            case long number: json.WriteNumberValue(number); break;
            case float number when float.IsFinite(number): json.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case float[] list:
                json.WriteStartArray();
                foreach (float element in list)
                {
                    WriteValue(json, element);
                }

                json.WriteEndArray();
                break;
            default: json.WriteStringValue(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)); break;
        }
    }

    // A query may give two columns one name, a JSON object may not.
    private static IEnumerable<string> Unique(IReadOnlyList<ResultColumn> columns)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (ResultColumn column in columns)
        {
            string name = column.Name;
            for (int i = 2; !seen.Add(name); i++)
            {
                name = $"{column.Name}_{i}";
            }

            yield return name;
        }
    }
}
