using System.Text.Encodings.Web;
using System.Text.Json;

namespace AdaptiveKv.Pipeline.Stages;

/// <summary>The values of a stage's parameters, checked against its declarations.</summary>
public sealed class ParamValues
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SortedDictionary<string, JsonElement> values = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, string> places;

    /// <summary>The defaults, with some values in their place.</summary>
    /// <param name="kind">Declares the parameters.</param>
    /// <param name="given">Values of the declared types.</param>
    /// <param name="places">File and line of those that are given, for messages.</param>
    internal ParamValues(StageKind kind, IReadOnlyDictionary<string, JsonElement> given, IReadOnlyDictionary<string, string>? places = null)
    {
        this.places = places ?? new Dictionary<string, string>();
        foreach (StageParam param in kind.Params)
        {
            if ((given.TryGetValue(param.Name, out JsonElement value) ? value : param.Default) is { } known)
            {
                values.Add(param.Name, known);
            }
        }
    }

    /// <summary>All of them, by name.</summary>
    public IReadOnlyDictionary<string, JsonElement> All => values;

    /// <summary>All of them as the record that declares them.</summary>
    /// <typeparam name="T">As in <see cref="ParamRecord.Of{T}"/>.</typeparam>
    public T Read<T>() => ParamRecord.Read<T>(values);

    /// <summary>A value on one line, however a file breaks it.</summary>
    internal static string Text(JsonElement value) => JsonSerializer.Serialize(value, Plain);

    /// <summary>File and line of a value; null where it is the default.</summary>
    internal string? PlaceOf(string name) => places.GetValueOrDefault(name);
}
