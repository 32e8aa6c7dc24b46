using System.Text.RegularExpressions;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>The values that variables stand for in stages: <c>${params.name}</c> for one under the document's own <c>params:</c>; in a repeated stage <c>${item}</c> and <c>${key}</c>.</summary>
internal sealed partial class SharedParams
{
    private readonly Dictionary<string, YamlNode> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> unused = new(StringComparer.Ordinal);
    private readonly FaultList faults;
    private readonly YamlEntry? item;

    /// <param name="node">The map under <c>params:</c>; null if the document has none.</param>
    /// <param name="overrides">Values for the command line's own; those of stages are left alone.</param>
    /// <param name="faults">Hears what is wrong.</param>
    public SharedParams(YamlNode? node, IEnumerable<ParamOverride> overrides, FaultList faults)
    {
        this.faults = faults;
        foreach (YamlEntry entry in YamlFields.EntriesOf(node, "params", faults))
        {
            values.Add(entry.Key, entry.Value);
            unused.Add(entry.Key, entry.Where);
        }

        foreach (ParamOverride given in overrides.Where(given => given.Stage is null))
        {
            if (values.ContainsKey(given.Name))
            {
                values[given.Name] = given.Value;
            }
            else
            {
                faults.AddUnknown(given.Where, string.Empty, "param", given.Name, values.Keys);
            }
        }
    }

    private SharedParams(SharedParams document, YamlEntry item) =>
        (values, unused, faults, this.item) = (document.values, document.unused, document.faults, item);

    /// <summary>The same values, and those of one item of a repeated stage.</summary>
    public SharedParams For(YamlEntry item) => new(this, item);

    /// <summary>A node with values in the place of variables. A variable that stands alone keeps its value's type.</summary>
    public YamlNode Expand(YamlNode node, string key)
    {
        if (node is YamlList list)
        {
            return list with { Items = [.. list.Items.Select(item => Expand(item, key))] };
        }

        if (node is YamlMap map)
        {
            return map with { Entries = [.. map.Entries.Select(entry => entry with { Value = Expand(entry.Value, key) })] };
        }

        YamlScalar scalar = (YamlScalar)node;

        Match alone = Variable().Match(scalar.Text);
        return alone.Success && alone.Length == scalar.Text.Length
            ? Find(alone, scalar, key) ?? scalar
            : scalar with { Text = Variable().Replace(scalar.Text, match => TextOf(match, scalar, key)) };
    }

    /// <summary>A value that no stage uses is most likely misspelt where it should be used.</summary>
    public void ReportUnused()
    {
        foreach ((string name, string where) in unused)
        {
            faults.Add(where, $"params.{name}", $"no stage uses it: write ${{params.{name}}} where it belongs, or remove it");
        }
    }

    private YamlNode? Find(Match variable, YamlScalar scalar, string key)
    {
        string[] path = variable.Groups["expression"].Value.Split('.', 2);
        switch (path[0], path.Length)
        {
            case ("params", 2) when values.TryGetValue(path[1], out YamlNode? value):
                unused.Remove(path[1]);
                return value;
            case ("params", 2):
                faults.AddUnknown(scalar.Where, key, "param", path[1], values.Keys);
                return null;
            case ("key", 1) when item is not null:
                return scalar with { Text = item.Key, IsPlain = true };
            case ("item", 1) when item is not null:
                return item.Value;
            case ("item", 2) when item?.Value is YamlMap fields:
                YamlEntry? field = fields.Entries.FirstOrDefault(field => field.Key == path[1]);
                if (field is null)
                {
                    faults.AddUnknown(scalar.Where, key, "name of the item", path[1], [.. fields.Entries.Select(known => known.Key)]);
                }

                return field?.Value;
            default:
                faults.Add(scalar.Where, key, $"'{variable.Value}' is no variable: expected ${{params.name}}{(item is null ? string.Empty : item.Value is YamlMap ? ", ${item.name} or ${key}" : ", ${item} or ${key}")}");
                return null;
        }
    }

    private string TextOf(Match variable, YamlScalar scalar, string key)
    {
        YamlNode? value = Find(variable, scalar, key);
        if (value is YamlList or YamlMap)
        {
            faults.Add(scalar.Where, key, $"'{variable.Value}' is {value.Kind}: it must stand alone");
        }

        return (value as YamlScalar)?.Text ?? variable.Value;
    }

    [GeneratedRegex(@"\$\{(?<expression>[^}]*)\}")]
    private static partial Regex Variable();
}
