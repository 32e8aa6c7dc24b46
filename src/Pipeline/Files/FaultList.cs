using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>Gathers what is wrong with a document, so that a reader hears all of it at once.</summary>
internal sealed class FaultList
{
    private const int ShownNames = 10;

    private readonly List<ConfigurationFault> faults = [];

    /// <summary>Number of faults so far.</summary>
    public int Count => faults.Count;

    public void Add(IEnumerable<ConfigurationFault> more) => faults.AddRange(more);

    public void Add(string where, string key, string problem) => faults.Add(new ConfigurationFault(where, key, problem));

    /// <summary>"; did you mean 'x'?", where a known name is near.</summary>
    public static string Suggestion(string name, IEnumerable<string> known) => NearestName.Find(name, known) is { } near ? $"; did you mean '{near}'?" : string.Empty;

    /// <summary>Adds "unknown key 'x'", with the nearest known name or all of them.</summary>
    public void AddUnknown(string where, string key, string what, string name, IReadOnlyCollection<string> known)
    {
        string more = known.Count > ShownNames ? $" and {known.Count - ShownNames} more" : string.Empty;
        string remedy = NearestName.Find(name, known) is { } near ? $"did you mean '{near}'?"
            : known.Count == 0 ? "none is known here"
            : $"known: {string.Join(", ", known.Take(ShownNames))}{more}";
        Add(where, key, $"unknown {what} '{name}'; {remedy}");
    }

    /// <exception cref="ConfigurationException">Something was added.</exception>
    public void ThrowIfAny()
    {
        if (faults.Count > 0)
        {
            throw new ConfigurationException(faults);
        }
    }
}
