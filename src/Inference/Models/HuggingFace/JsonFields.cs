using System.Text.Json;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>Typed getters over a JSON object: null counts as absent, a value of another type is an error.</summary>
/// <param name="path">The file, for errors.</param>
/// <param name="fields">The object.</param>
/// <param name="prefix">Where it is in the file, for errors ("rope_scaling.").</param>
internal sealed class JsonFields(string path, JsonElement fields, string prefix = "")
{
    /// <summary>The file.</summary>
    public string Path => path;

    public ModelFormatException Error(string name, string problem) => new(path, prefix + name, -1, problem);

    public int Integer(string name) => OptionalInteger(name) ?? throw Error(name, "is missing");

    public int? OptionalInteger(string name) =>
        Find(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int integer) ? integer
        : throw Wrong(name, value, "an integer");

    public double Real(string name) => OptionalReal(name) ?? throw Error(name, "is missing");

    public double? OptionalReal(string name) =>
        Find(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double real) ? real
        : throw Wrong(name, value, "a number");

    public bool Flag(string name, bool otherwise = false) =>
        Find(name) is not JsonElement value ? otherwise
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(name, value, "true or false");

    public string Text(string name) => OptionalText(name) ?? throw Error(name, "is missing");

    public string? OptionalText(string name) =>
        Find(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Wrong(name, value, "a string");

    public JsonFields Object(string name) => OptionalObject(name) ?? throw Error(name, "is missing");

    public JsonFields? OptionalObject(string name) =>
        Find(name) is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.Object ? new JsonFields(path, value, $"{prefix}{name}.")
        : throw Wrong(name, value, "an object");

    /// <summary>Members of this object.</summary>
    public IEnumerable<JsonProperty> Members() => fields.EnumerateObject();

    /// <summary>Elements of an array; none where it is absent.</summary>
    public IEnumerable<JsonElement> Elements(string name) =>
        Find(name) is not JsonElement value ? []
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray()
        : throw Wrong(name, value, "an array");

    /// <summary>Elements of an array of objects; none where it is absent.</summary>
    public IEnumerable<JsonFields> Objects(string name) =>
        Elements(name).Select((value, index) => value.ValueKind == JsonValueKind.Object
            ? new JsonFields(path, value, $"{prefix}{name}[{index}].")
            : throw Wrong($"{name}[{index}]", value, "an object"));

    /// <summary>The value as it is; null where it is absent.</summary>
    public JsonElement? Find(string name) =>
        fields.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private ModelFormatException Wrong(string name, JsonElement value, string expected) =>
        Error(name, $"is {Kind(value)}; {expected} is expected");

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => $"the number {(value.GetRawText() is { Length: <= 40 } text ? text : "of many digits")}",
        _ => value.GetRawText(),
    };
}
