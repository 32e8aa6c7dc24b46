using System.Text.Json;

namespace AdaptiveKv.Pipeline.Stages;

/// <summary>The values of a stage's parameters, checked against its declarations.</summary>
public sealed class ParamValues
{
    private readonly SortedDictionary<string, JsonElement> values = new(StringComparer.Ordinal);

    /// <summary>The defaults, with some values in their place.</summary>
    /// <param name="kind">Declares the parameters.</param>
    /// <param name="given">Values of the declared types.</param>
    internal ParamValues(StageKind kind, IReadOnlyDictionary<string, JsonElement> given)
    {
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

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> Texts(string name) => [.. values[name].EnumerateArray().Select(element => element.GetString()!)];
}
