using System.Text.Json;

namespace AdaptiveKv.Pipeline.Stages;

/// <summary>The values of a stage's parameters, checked against its declarations.</summary>
public sealed class ParamValues
{
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

    /// <summary>Whether the stage has a param of this name.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>Whether a value is given, and not the default.</summary>
    public bool IsGiven(string name) => places.ContainsKey(name);

    /// <summary>A whole number.</summary>
    public long Integer(string name) => values[name].GetInt64();

    /// <summary>A number.</summary>
    public double Number(string name) => values[name].GetDouble();

    /// <summary>A truth value.</summary>
    public bool Boolean(string name) => values[name].GetBoolean();

    /// <summary>A text.</summary>
    public string Text(string name) => values[name].GetString()!;

    /// <summary>A list of whole numbers.</summary>
    public IReadOnlyList<long> Integers(string name) => [.. values[name].EnumerateArray().Select(element => element.GetInt64())];

    /// <summary>A list of numbers.</summary>
    public IReadOnlyList<double> Numbers(string name) => [.. values[name].EnumerateArray().Select(element => element.GetDouble())];

    /// <summary>File and line of a value; null where it is the default.</summary>
    internal string? PlaceOf(string name) => places.GetValueOrDefault(name);

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> Texts(string name) => [.. values[name].EnumerateArray().Select(element => element.GetString()!)];
}
