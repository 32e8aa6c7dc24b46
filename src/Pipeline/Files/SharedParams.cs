using System.Text.RegularExpressions;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>The values under the document's own <c>params:</c>, which <c>${params.name}</c> stands for in stages.</summary>
internal sealed partial class SharedParams
{
    private readonly Dictionary<string, YamlNode> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> unused = new(StringComparer.Ordinal);
    private readonly FaultList faults;

    /// <param name="node">The map under <c>params:</c>; null if the document has none.</param>
    /// <param name="overrides">Values for the command line's own; those of stages are left alone.</param>
    /// <param name="faults">Hears what is wrong.</param>
    public SharedParams(YamlNode? node, IEnumerable<ParamOverride> overrides, FaultList faults)
    {
        this.faults = faults;
        foreach (YamlEntry entry in YamlFields.EntriesOf(node, "params", faults))
        {
            if (entry.Value is YamlMap)
            {
                faults.Add(entry.Where, $"params.{entry.Key}", "is a map: expected a value or a list");
                continue;
            }

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

    /// <summary>A node with values in the place of variables. A variable that stands alone keeps its value's type.</summary>
    public YamlNode Expand(YamlNode node, string key)
    {
        if (node is YamlList list)
        {
            return list with { Items = [.. list.Items.Select(item => Expand(item, key))] };
        }

        if (node is not YamlScalar scalar)
        {
            return node;
        }

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
        string expression = variable.Groups["expression"].Value;
        if (!expression.StartsWith("params.", StringComparison.Ordinal))
        {
            faults.Add(scalar.Where, key, $"'{variable.Value}' is no variable: expected ${{params.name}}");
            return null;
        }

        string name = expression["params.".Length..];
        if (!values.TryGetValue(name, out YamlNode? value))
        {
            faults.AddUnknown(scalar.Where, key, "param", name, values.Keys);
            return null;
        }

        unused.Remove(name);
        return value;
    }

    private string TextOf(Match variable, YamlScalar scalar, string key)
    {
        YamlNode? value = Find(variable, scalar, key);
        if (value is YamlList)
        {
            faults.Add(scalar.Where, key, $"'{variable.Value}' is a list: it must stand alone");
        }

        return (value as YamlScalar)?.Text ?? variable.Value;
    }

    [GeneratedRegex(@"\$\{(?<expression>[^}]*)\}")]
    private static partial Regex Variable();
}
