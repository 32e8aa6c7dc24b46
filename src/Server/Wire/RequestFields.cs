using System.Text.Json;
using System.Text.Unicode;
using AdaptiveKv.Files;

namespace AdaptiveKv.Server.Wire;

/// <summary>Typed getters over the object that a client sent: null counts as absent; another type, a value out of range and a field nobody asked for are errors.</summary>
internal sealed class RequestFields
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly JsonElement root;
    private readonly HashSet<string> known = [];

    private RequestFields(JsonElement root) => this.root = root;

    /// <summary>Reads a body.</summary>
    /// <exception cref="ApiException">It is no JSON object.</exception>
    public static RequestFields Of(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            throw new ApiException(400, "invalid_json", "the body is not valid UTF-8");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body, Strict);
            return Of(document.RootElement.Clone(), "the body");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is how the reader says that a name holds half of a surrogate pair.
            throw new ApiException(400, "invalid_json", $"the body is no JSON: {exception.Message}");
        }
    }

    /// <summary>The same of an object within.</summary>
    public static RequestFields Of(JsonElement value, string name) => value.ValueKind == JsonValueKind.Object
        ? new RequestFields(value)
        : throw new ApiException(400, "invalid_type", $"{name} is {Kind(value)}: expected an object", name);

    /// <summary>The value as it is; null where it is absent.</summary>
    public JsonElement? Find(string name)
    {
        known.Add(name);
        return root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    /// <summary>A whole number within limits.</summary>
    public long? Whole(string name, long least, long most) =>
        Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= least && number <= most ? number
        : throw Wrong(name, value, $"a whole number from {least} to {most}");

    /// <summary>A number within limits.</summary>
    public double? Number(string name, double least, double most) =>
        Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= least && number <= most ? number
        : throw Wrong(name, value, FormattableString.Invariant($"a number from {least} to {most}"));

    /// <summary>True or false; false where it is absent.</summary>
    public bool Flag(string name) =>
        Find(name) is { } value && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, value, "true or false"));

    /// <summary>A text.</summary>
    public string? Text(string name) =>
        Find(name) is not { } value ? null : value.ValueKind == JsonValueKind.String ? TextOf(value, name) : throw Wrong(name, value, "a string");

    /// <summary>A text, or several.</summary>
    public IReadOnlyList<string> Texts(string name) => Find(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } one => [TextOf(one, name)],
        { ValueKind: JsonValueKind.Array } all when all.EnumerateArray().All(text => text.ValueKind == JsonValueKind.String) => [.. all.EnumerateArray().Select(text => TextOf(text, name))],
        { } other => throw Wrong(name, other, "a string or an array of strings"),
    };

    /// <summary>Accepts fields that change nothing of the answer.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            known.Add(name);
        }
    }

    /// <summary>Refuses fields that would change the answer in a way that is not served, unless they have the value that changes nothing.</summary>
    public void Refuse(params ReadOnlySpan<(string Name, string? Idle)> fields)
    {
        foreach ((string name, string? idle) in fields)
        {
            if (Find(name) is { } value && !(idle is not null && JsonElement.DeepEquals(value, JsonElement.Parse(idle))))
            {
                throw ApiException.Field(name, $"is not served here: leave it out{(idle is null ? "" : $", or send {idle}")}", "unsupported_parameter");
            }
        }
    }

    /// <summary>Refuses what nobody asked for.</summary>
    public void RequireNoMore()
    {
        if (root.EnumerateObject().Select(field => field.Name).FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            string nearest = NearestName.Find(unknown, known) is { } near ? $"; did you mean '{near}'?" : string.Empty;
            throw new ApiException(400, "unknown_parameter", $"unknown field '{(unknown.Length <= 60 ? unknown : unknown[..60] + "...")}'{nearest}", unknown);
        }
    }

    /// <summary>The error of a value that is not what was expected.</summary>
    public static ApiException Wrong(string name, JsonElement value, string expected) =>
        ApiException.Field(name, $"is {Kind(value)}: expected {expected}", "invalid_type");

    /// <summary>A string's text; half of a surrogate pair, written as an escape, is none.</summary>
    public static string TextOf(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Field(name, "holds half of a surrogate pair: send whole characters");
        }
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => value.GetRawText() is { Length: <= 40 } number ? number : "a number of many digits",
        _ => value.GetRawText(),
    };
}
