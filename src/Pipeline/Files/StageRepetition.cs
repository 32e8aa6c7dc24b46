using System.Text.RegularExpressions;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>
/// The stages that an entry under <c>stages:</c> stands for: itself, or one for each item of its <c>foreach:</c> or each combination of its <c>matrix:</c>,
/// named <c>entry@key</c> (https://dvc.org/doc/user-guide/project-structure/dvcyaml-files#foreach-stages). <c>${item}</c> and <c>${key}</c> tell them apart.
/// </summary>
/// <param name="shared">The values of the document.</param>
/// <param name="faults">Hears what is wrong.</param>
internal sealed partial class StageRepetition(SharedParams shared, FaultList faults)
{
    private const int MostStages = 1000;

    /// <summary>The stages with the values of their variables.</summary>
    public IEnumerable<(YamlEntry Stage, SharedParams Values)> Of(YamlEntry entry)
    {
        string path = $"stages.{entry.Key}";
        IReadOnlyList<YamlEntry> fields = (entry.Value as YamlMap)?.Entries ?? [];
        if (fields.Any(field => field.Key == "foreach"))
        {
            YamlFields own = new(entry.Value, path, ["foreach", "do"], faults);
            if (own["do"] is not { } repeated)
            {
                faults.Add(entry.Where, $"{path}.do", "is missing: expected the stage that is repeated for each item");
                return [];
            }

            return Repeated(entry, repeated, Items(own["foreach"]!, $"{path}.foreach"), $"{path}.foreach");
        }

        return fields.FirstOrDefault(field => field.Key == "matrix") is { } matrix
            ? Repeated(entry, new YamlMap(entry.Value.Where, [.. fields.Where(field => field != matrix)]), Combinations(matrix, $"{path}.matrix"), $"{path}.matrix")
            : [(entry, shared)];
    }

    private IEnumerable<(YamlEntry Stage, SharedParams Values)> Repeated(YamlEntry entry, YamlNode body, IReadOnlyList<YamlEntry> items, string path)
    {
        HashSet<string> keys = [];
        foreach (YamlEntry item in items)
        {
            if (!Key().IsMatch(item.Key))
            {
                faults.Add(item.Where, path, $"'{item.Key}' cannot name a stage: expected letters, digits, '-', '_' and '.'");
            }
            else if (!keys.Add(item.Key))
            {
                faults.Add(item.Where, path, $"'{item.Key}' is here a second time");
            }
            else
            {
                yield return (entry with { Key = $"{entry.Key}@{item.Key}", Value = body }, shared.For(item));
            }
        }
    }

    // The items with the keys that name their stages: a value's text, or its place where one of them is a list or a map.
    private IReadOnlyList<YamlEntry> Items(YamlNode node, string path)
    {
        switch (shared.Expand(node, path))
        {
            case YamlMap { Entries.Count: > 0 } map:
                return map.Entries;
            case YamlList { Items.Count: > 0 } list:
                bool simple = list.Items.All(item => item is YamlScalar);
                return [.. list.Items.Select((item, place) => new YamlEntry(simple ? ((YamlScalar)item).Text : $"{place}", item.Where, item))];
            default:
                faults.Add(node.Where, path, $"is {node.Kind}: expected a list of items, or a map of keys and items, and one at least");
                return [];
        }
    }

    private List<YamlEntry> Combinations(YamlEntry matrix, string path)
    {
        List<YamlEntry> rows = [new(string.Empty, matrix.Where, new YamlMap(matrix.Where, []))];
        foreach (YamlEntry axis in YamlFields.EntriesOf(matrix.Value, path, faults))
        {
            string own = $"{path}.{axis.Key}";
            if (shared.Expand(axis.Value, own) is not YamlList { Items.Count: > 0 } list)
            {
                faults.Add(axis.Where, own, $"is {axis.Value.Kind}: expected a list of one item at least");
                return [];
            }

            if ((long)rows.Count * list.Items.Count > MostStages)
            {
                faults.Add(axis.Where, own, $"makes more than {MostStages} stages of one");
                return [];
            }

            rows = [.. from row in rows from place in Enumerable.Range(0, list.Items.Count) select With(row, axis.Key, list.Items[place], place)];
        }

        if (rows[0].Key.Length == 0)
        {
            faults.Add(matrix.Where, path, "has no names: expected {name: [item, item], ...}");
        }

        return rows;
    }

    private static YamlEntry With(YamlEntry row, string axis, YamlNode item, int place)
    {
        string key = item is YamlScalar scalar ? scalar.Text : $"{axis}{place}";
        YamlEntry[] chosen = [.. ((YamlMap)row.Value).Entries, new YamlEntry(axis, item.Where, item)];
        return new YamlEntry(row.Key.Length == 0 ? key : $"{row.Key}-{key}", item.Where, new YamlMap(item.Where, chosen));
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")]
    private static partial Regex Key();
}
