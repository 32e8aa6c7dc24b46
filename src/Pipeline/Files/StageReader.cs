using System.Text.Json;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>Reads the entries under <c>stages:</c> by what each one uses.</summary>
internal sealed class StageReader(StageCatalog catalog, SharedParams shared, IReadOnlyList<ParamOverride> overrides, string root, FaultList faults)
{
    private static readonly string[] Keys = ["uses", "desc", "deps", "params", "outs", "metrics", "plots"];

    /// <summary>The stage, its deps not yet linked to what makes them; null where something is wrong that hides the rest.</summary>
    public PipelineStage? Read(YamlEntry entry)
    {
        string key = $"stages.{entry.Key}";
        YamlFields fields = new(entry.Value, key, Keys, faults);
        string? uses = fields.Text("uses");
        if (uses is null || !catalog.Kinds.TryGetValue(uses, out StageKind? kind))
        {
            if (uses is not null)
            {
                faults.AddUnknown(fields["uses"]!.Where, $"{key}.uses", "stage program", uses, [.. catalog.Kinds.Keys]);
            }
            else if (fields["uses"] is null)
            {
                faults.Add(entry.Where, $"{key}.uses", $"is missing: expected one of {string.Join(", ", catalog.Kinds.Keys)}");
            }

            return null;
        }

        List<StageDep> deps = Deps(kind, fields["deps"], entry.Where, $"{key}.deps");
        List<StageOut> outs = Outs(kind, fields, entry.Where, key);
        ParamValues values = Params(kind, entry, fields["params"], $"{key}.params");
        return outs.Count == 0 ? null : new PipelineStage(entry.Key, kind, fields.Text("desc") ?? kind.Description, deps, outs, values, entry.Where);
    }

    private List<StageDep> Deps(StageKind kind, YamlNode? node, string where, string key)
    {
        List<StageDep> deps = [];
        string[] known = [.. kind.Deps.Select(dep => dep.Name)];
        foreach ((YamlEntry entry, string path) in Paths(node, key, "dep", known))
        {
            deps.Add(new StageDep(entry.Key, path, Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, root)), Producer: null, entry.Value.Where));
        }

        IReadOnlyList<YamlEntry> given = node is YamlMap map ? map.Entries : [];
        foreach (StageInput missing in kind.Deps.Where(dep => !dep.Optional && given.All(entry => entry.Key != dep.Name)))
        {
            faults.Add(node?.Where ?? where, $"{key}.{missing.Name}", $"is missing: expected the path of {missing.Description}");
        }

        return deps;
    }

    private List<StageOut> Outs(StageKind kind, YamlFields fields, string where, string key)
    {
        List<StageOut> outs = [];
        HashSet<string> given = [];
        string[] known = [.. kind.Outs.Select(made => made.Name)];
        foreach ((string section, OutRole role) in new[] { ("outs", OutRole.Out), ("metrics", OutRole.Metrics), ("plots", OutRole.Plot) })
        {
            foreach ((YamlEntry entry, string path) in Paths(fields[section], $"{key}.{section}", "out", known))
            {
                bool segmented = kind.Outs.First(made => made.Name == entry.Key).Segmented;
                outs.Add(new StageOut(entry.Key, path, Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, root)), role, segmented, entry.Value.Where));
                if (!given.Add(entry.Key))
                {
                    faults.Add(entry.Where, $"{key}.{section}.{entry.Key}", "is named twice: an out stands under one of outs, metrics and plots");
                }
            }

            given.UnionWith((fields[section] as YamlMap)?.Entries.Select(entry => entry.Key) ?? []);
        }

        foreach (StageOutput missing in kind.Outs.Where(made => !given.Contains(made.Name)))
        {
            faults.Add(fields["outs"]?.Where ?? where, $"{key}.outs.{missing.Name}", $"is missing: expected the path of {missing.Description}");
        }

        return outs;
    }

    private IEnumerable<(YamlEntry Entry, string Path)> Paths(YamlNode? node, string key, string what, IReadOnlyCollection<string> known)
    {
        foreach (YamlEntry entry in YamlFields.EntriesOf(node, key, faults))
        {
            string own = YamlFields.PathOf(key, entry.Key);
            if (!known.Contains(entry.Key))
            {
                faults.AddUnknown(entry.Where, own, what, entry.Key, known);
            }
            else if (shared.Expand(entry.Value, own) is YamlScalar { IsNull: false, Text: { } text } && !string.IsNullOrWhiteSpace(text) && !text.Contains('\0', StringComparison.Ordinal))
            {
                yield return (entry, text);
            }
            else
            {
                faults.Add(entry.Value.Where, own, $"is {entry.Value.Kind}: expected a path");
            }
        }
    }

    private ParamValues Params(StageKind kind, YamlEntry stage, YamlNode? node, string key)
    {
        string[] known = [.. kind.Params.Select(param => param.Name)];
        Dictionary<string, YamlNode> given = new(StringComparer.Ordinal);
        foreach (YamlEntry entry in YamlFields.EntriesOf(node, key, faults))
        {
            if (known.Contains(entry.Key))
            {
                given.Add(entry.Key, shared.Expand(entry.Value, $"{key}.{entry.Key}"));
            }
            else
            {
                faults.AddUnknown(entry.Where, $"{key}.{entry.Key}", "param", entry.Key, known);
            }
        }

        foreach (ParamOverride value in overrides.Where(value => value.Stage == stage.Key))
        {
            if (known.Contains(value.Name))
            {
                given[value.Name] = value.Value;
            }
            else
            {
                faults.AddUnknown(value.Where, key, "param", value.Name, known);
            }
        }

        foreach (StageParam missing in kind.Params.Where(param => param.Default is null && !given.ContainsKey(param.Name)))
        {
            faults.Add(node?.Where ?? stage.Where, $"{key}.{missing.Name}", $"is missing: expected {ParamReader.Expected(missing)}: {missing.Description}");
        }

        Dictionary<string, JsonElement> values = [];
        foreach (StageParam param in kind.Params.Where(param => given.ContainsKey(param.Name)))
        {
            if (ParamReader.Read(param, given[param.Name], $"{key}.{param.Name}", faults) is { } value)
            {
                values.Add(param.Name, value);
            }
        }

        return new ParamValues(kind, values);
    }
}
