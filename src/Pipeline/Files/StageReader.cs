using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>Reads the entries under <c>stages:</c> by what each one uses.</summary>
/// <param name="catalog">What can be used.</param>
/// <param name="shared">The values of variables.</param>
/// <param name="overrides">Values from the command line.</param>
/// <param name="root">The folder that paths are relative to.</param>
/// <param name="faults">Hears what is wrong.</param>
internal sealed class StageReader(
    StageCatalog catalog, SharedParams shared, IReadOnlyList<ParamOverride> overrides, string root, FaultList faults)
{
    private static readonly string[] Keys = ["uses", "desc", "deps", "params", "outs", "metrics", "plots"];

    private static readonly (string Key, OutRole Role)[] OutSections =
        [("outs", OutRole.Out), ("metrics", OutRole.Metrics), ("plots", OutRole.Plot)];

    /// <summary>The stage, its deps not yet linked to what makes them; null where something is wrong that hides the rest.</summary>
    public PipelineStage? Read(YamlEntry entry)
    {
        string key = $"stages.{entry.Key}";
        YamlFields fields = new(entry.Value, key, Keys, faults);
        if (Kind(fields, entry, $"{key}.uses") is not { } kind)
        {
            return null;
        }

        int before = faults.Count;
        List<StageDep> deps = Deps(kind, fields["deps"], entry.Where, $"{key}.deps");
        List<StageOut> outs = Outs(kind, fields, entry.Where, key);
        ParamValues values = Params(kind, entry, fields["params"], $"{key}.params");
        string description = fields.Text("desc") ?? kind.Description;
        PipelineStage stage = new(entry.Key, kind, description, deps, outs, values, entry.Where);
        if (faults.Count == before)
        {
            faults.Add(stage.Faults([], reads: false));
        }

        return outs.Count == 0 ? null : stage;
    }

    private StageKind? Kind(YamlFields fields, YamlEntry entry, string key)
    {
        if (fields["uses"] is not { } node)
        {
            faults.Add(entry.Where, key, $"is missing: expected one of {string.Join(", ", catalog.Kinds.Keys)}");
            return null;
        }

        if (fields.Text("uses") is not { } uses)
        {
            return null;
        }

        if (!catalog.Kinds.TryGetValue(uses, out StageKind? kind))
        {
            faults.AddUnknown(node.Where, key, "stage program", uses, [.. catalog.Kinds.Keys]);
        }

        return kind;
    }

    private List<StageDep> Deps(StageKind kind, YamlNode? node, string where, string key)
    {
        List<StageDep> deps = [];
        HashSet<string> given = [];
        foreach ((YamlEntry entry, string? path) in Paths(node, key, "dep", [.. kind.Deps.Select(dep => dep.Name)]))
        {
            given.Add(entry.Key);
            if (path is not null)
            {
                if (FileStatus.Passing(FullPath(path)) is { } noun)
                {
                    faults.Add(entry.Value.Where, $"{key}.{entry.Key}", $"{path} is {noun}: a stage reads its files more than once: save it to a file first");
                }

                deps.Add(new StageDep(entry.Key, path, FullPath(path), Producer: null, entry.Value.Where));
            }
        }

        foreach (StageInput missing in kind.Deps.Where(dep => !dep.Optional && !given.Contains(dep.Name)))
        {
            faults.Add(node?.Where ?? where, $"{key}.{missing.Name}", $"is missing: expected the path of {missing.Description}");
        }

        return deps;
    }

    private List<StageOut> Outs(StageKind kind, YamlFields fields, string where, string key)
    {
        List<StageOut> outs = [];
        HashSet<string> given = [];
        foreach ((string section, OutRole role) in OutSections)
        {
            foreach ((YamlEntry entry, string? path) in Paths(fields[section], $"{key}.{section}", "out", [.. kind.Outs.Select(made => made.Name)]))
            {
                if (!given.Add(entry.Key))
                {
                    const string Problem = "is named twice: an out stands under one of outs, metrics and plots";
                    faults.Add(entry.Where, $"{key}.{section}.{entry.Key}", Problem);
                }

                if (path is not null)
                {
                    bool segmented = kind.Outs.First(made => made.Name == entry.Key).Segmented;
                    outs.Add(new StageOut(entry.Key, path, FullPath(path), role, segmented, entry.Value.Where));
                }
            }
        }

        foreach (StageOutput missing in kind.Outs.Where(made => !made.Optional && !given.Contains(made.Name)))
        {
            string place = fields["outs"]?.Where ?? where;
            faults.Add(place, $"{key}.outs.{missing.Name}", $"is missing: expected the path of {missing.Description}");
        }

        return outs;
    }

    // The known entries of a map of paths; the path is null where it is something else, which is a fault.
    private IEnumerable<(YamlEntry Entry, string? Path)> Paths(YamlNode? node, string key, string what, IReadOnlyCollection<string> known)
    {
        foreach (YamlEntry entry in YamlFields.EntriesOf(node, key, faults))
        {
            string own = YamlFields.PathOf(key, entry.Key);
            if (!known.Contains(entry.Key))
            {
                faults.AddUnknown(entry.Where, own, what, entry.Key, known);
                continue;
            }

            string? path = shared.Expand(entry.Value, own) is YamlScalar { IsNull: false } scalar ? scalar.Text : null;
            if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal))
            {
                faults.Add(entry.Value.Where, own, $"is {entry.Value.Kind}: expected a path");
                path = null;
            }

            yield return (entry, path);
        }
    }

    private string FullPath(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, root));

    private ParamValues Params(StageKind kind, YamlEntry stage, YamlNode? node, string key)
    {
        Dictionary<string, YamlNode> given = Given(kind, stage, node, key);
        Dictionary<string, JsonElement> values = [];
        foreach (StageParam param in kind.Params)
        {
            if (given.TryGetValue(param.Name, out YamlNode? value))
            {
                if (ParamReader.Read(param, value, $"{key}.{param.Name}", faults) is { } read)
                {
                    values.Add(param.Name, read);
                }
            }
            else if (param.Default is null)
            {
                string expected = $"{ParamReader.Expected(param)}: {param.Description}";
                faults.Add(node?.Where ?? stage.Where, $"{key}.{param.Name}", $"is missing: expected {expected}");
            }
        }

        return new ParamValues(kind, values, given.ToDictionary(value => value.Key, value => value.Value.Where));
    }

    private Dictionary<string, YamlNode> Given(StageKind kind, YamlEntry stage, YamlNode? node, string key)
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

        return given;
    }
}
