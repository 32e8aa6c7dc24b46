using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace AdaptiveKv.Data.Tasks;

/// <summary>Typed access to one JSON object on one line; every failure names file, line and field.</summary>
internal readonly struct JsonRow
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    private readonly TextLine line;
    private readonly JsonElement fields;
    private readonly string prefix;

    private JsonRow(TextLine line, JsonElement element, string prefix)
    {
        this.line = line;
        fields = element;
        this.prefix = prefix;
    }

    public static JsonRow Parse(TextLine line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line.Text, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonRow(line, document.RootElement.Clone(), "")
                : throw line.Error("expected one JSON object per line");
        }
        catch (InvalidOperationException)
        {
            throw line.Error("not a JSON object: half of a surrogate pair is no name of a field: write the whole character");
        }
        catch (JsonException error)
        {
            // The parser's sentence, without its line number, which counts within this one line.
            throw line.Error($"not a JSON object: {error.Message.Split(" LineNumber")[0]} Expected one whole object per line");
        }
    }

    /// <summary>The error of a wrong field.</summary>
    public InvalidDataException Error(string field, string problem) => line.Error($"field '{prefix}{field}': {problem}");

    public bool Has(string field) => fields.TryGetProperty(field, out _);

    public bool HasObject(string field) => fields.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.Object;

    /// <summary>A text that is not empty.</summary>
    public string Text(string field) => Content(Value(field), field);

    /// <summary>The text, or what was given where the field is absent or null.</summary>
    [return: NotNullIfNotNull(nameof(absent))]
    public string? TextOr(string field, string? absent) =>
        fields.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? Content(value, field, emptyAllowed: true) : absent;

    /// <summary>A text, or a number as it is spelled; what was given where the field is absent.</summary>
    public string NameOr(string field, string absent) =>
        fields.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetRawText() : TextOr(field, absent);

    /// <summary>A text that is not empty, or a number as it is spelled.</summary>
    public string Name(string field) => Name(Value(field), field);

    /// <summary>Texts or numbers.</summary>
    public string[] Names(string field)
    {
        JsonRow row = this;
        return [.. Array(field).Select((value, index) => row.Name(value, $"{field}[{index}]"))];
    }

    /// <summary>Texts, none of them empty.</summary>
    public string[] Texts(string field)
    {
        JsonRow row = this;
        return [.. Array(field).Select((value, index) => row.Content(value, $"{field}[{index}]"))];
    }

    /// <summary>Objects of an array.</summary>
    public JsonRow[] Objects(string field)
    {
        JsonRow row = this;
        return [.. Array(field).Select((value, index) => row.Nested(value, $"{field}[{index}]"))];
    }

    public JsonRow Object(string field) => Nested(Value(field), field);

    /// <summary>A whole number from 0 to <paramref name="count"/> - 1, as a number or as its digits in a string.</summary>
    public int Index(string field, int count)
    {
        JsonElement value = Value(field);
        string digits = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Content(value, field);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < count
            ? index
            : throw Error(field, $"{value.GetRawText()} is not the number of an ending: expected 0 to {count - 1}");
    }

    private string Name(JsonElement value, string field) => value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Content(value, field);

    private JsonElement.ArrayEnumerator Array(string field)
    {
        JsonElement value = Value(field);
        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw Error(field, $"expected an array, found {Kind(value)}");
    }

    private JsonRow Nested(JsonElement value, string field) =>
        value.ValueKind == JsonValueKind.Object ? new JsonRow(line, value, $"{prefix}{field}.") : throw Error(field, $"expected an object, found {Kind(value)}");

    private JsonElement Value(string field) => fields.TryGetProperty(field, out JsonElement value) ? value : throw Error(field, "missing");

    private string Content(JsonElement value, string field, bool emptyAllowed = false)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw Error(field, $"expected a string, found {Kind(value)}");
        }

        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Error(field, "half of a surrogate pair is no text: write the whole character");
        }

        return emptyAllowed || !string.IsNullOrWhiteSpace(text) ? text : throw Error(field, "empty: expected text");
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };
}
