namespace AdaptiveKv.Pipeline.Files;

/// <summary>The entries of a map that may hold certain keys only; what is wrong goes to a list of faults.</summary>
internal sealed class YamlFields
{
    private readonly Dictionary<string, YamlNode> values = new(StringComparer.Ordinal);
    private readonly FaultList faults;
    private readonly string key;

    /// <param name="node">A map, or nothing, which is an empty one.</param>
    /// <param name="key">Its own path in the document.</param>
    /// <param name="known">The keys it may hold.</param>
    /// <param name="faults">Hears what is wrong.</param>
    public YamlFields(YamlNode node, string key, IReadOnlyCollection<string> known, FaultList faults)
    {
        (this.faults, this.key) = (faults, key);
        foreach (YamlEntry entry in EntriesOf(node, key, faults))
        {
            if (!known.Contains(entry.Key))
            {
                faults.AddUnknown(entry.Where, PathOf(key, entry.Key), "key", entry.Key, known);
            }
            else
            {
                values.Add(entry.Key, entry.Value);
            }
        }
    }

    /// <summary>The value of a key; null where it is absent.</summary>
    public YamlNode? this[string name] => values.GetValueOrDefault(name);

    /// <summary>The text of a key; null where it is absent or, which is a fault, something else.</summary>
    public string? Text(string name)
    {
        if (this[name] is not { } node)
        {
            return null;
        }

        if (node is YamlScalar { IsNull: false } scalar)
        {
            return scalar.Text;
        }

        faults.Add(node.Where, PathOf(key, name), $"is {node.Kind}: expected a text");
        return null;
    }

    /// <summary>The entries of a node that should be a map; nothing is an empty one.</summary>
    public static IReadOnlyList<YamlEntry> EntriesOf(YamlNode? node, string key, FaultList faults)
    {
        switch (node)
        {
            case YamlMap map:
                return map.Entries;
            case null or YamlScalar { IsNull: true }:
                return [];
            default:
                faults.Add(node.Where, key, $"is {node.Kind}: expected a map of keys and values");
                return [];
        }
    }

    /// <summary>"stages.train.params".</summary>
    public static string PathOf(string parent, string name) => parent.Length == 0 ? name : $"{parent}.{name}";
}
