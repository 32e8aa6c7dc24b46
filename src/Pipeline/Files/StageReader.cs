using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>Reads the entries under <c>stages:</c> by what each one uses.</summary>
/// <param name="catalog">What can be used.</param>
/// <param name="overrides">Values from the command line.</param>
/// <param name="root">The folder that paths are relative to.</param>
/// <param name="artifacts">The folder of the pipeline's outs: each stage writes into one of its own there, whose manifest and lock no other shares.</param>
/// <param name="faults">Hears what is wrong.</param>
internal sealed class StageReader(StageCatalog catalog, IReadOnlyList<ParamOverride> overrides, string root, string artifacts, FaultList faults)
{
    // The last two are of files that were written when outs had paths.
    private static readonly string[] OutSections = ["outs", "metrics", "plots"];

    private static readonly string[] Keys = ["uses", "desc", "deps", "params", .. OutSections];

    /// <summary>The stage, its deps not yet linked to what makes them; null where it is not known what it uses.</summary>
    /// <param name="entry">Its name and what the document says of it.</param>
    /// <param name="shared">The values of variables.</param>
    public PipelineStage? Read(YamlEntry entry, SharedParams shared)
    {
        string key = $"stages.{entry.Key}";
        YamlFields fields = new(entry.Value, key, Keys, faults);
        if (Kind(fields, entry, $"{key}.uses") is not { } kind)
        {
            return null;
        }

        int before = faults.Count;
        List<StageDep> deps = Deps(kind, fields["deps"], entry.Where, $"{key}.deps", shared);
        StageOut[] outs = Outs(kind, fields, entry, key);
        ParamValues values = Params(kind, entry, fields["params"], $"{key}.params", shared);
        string description = fields.Text("desc") ?? kind.Description;
        PipelineStage stage = new(entry.Key, kind, description, deps, outs, values, entry.Where);
        if (faults.Count == before)
        {
            faults.Add(stage.Faults([], reads: false));
        }

        return stage;
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

    private List<StageDep> Deps(StageKind kind, YamlNode? node, string where, string key, SharedParams shared)
    {
        List<StageDep> deps = [];
        IReadOnlyList<YamlEntry> given = YamlFields.EntriesOf(node, key, faults);
        string[] known = [.. kind.Deps.Select(dep => dep.Name)];
        foreach (YamlEntry entry in given)
        {
            string own = YamlFields.PathOf(key, entry.Key);
            if (!known.Contains(entry.Key))
            {
                faults.AddUnknown(entry.Where, own, "dep", entry.Key, known);
            }
            else if (PathOf(shared.Expand(entry.Value, own)) is not { } path)
            {
                faults.Add(entry.Value.Where, own, $"is {entry.Value.Kind}: expected stage.out or a path");
            }
            else
            {
                if (FileStatus.Passing(FullPath(path)) is { } noun)
                {
                    faults.Add(entry.Value.Where, own, $"{path} is {noun}: a stage reads its files more than once: save it to a file first");
                }

                deps.Add(new StageDep(entry.Key, path, FullPath(path), Producer: null, entry.Value.Where));
            }
        }

        foreach (StageInput missing in kind.Deps.Where(dep => !dep.Optional && given.All(entry => entry.Key != dep.Name)))
        {
            faults.Add(node?.Where ?? where, $"{key}.{missing.Name}", $"is missing: expected stage.out or the path of {missing.Description}");
        }

        return deps;
    }

    // All that its kind makes, and of what it makes only where it is asked those that are listed.
    private StageOut[] Outs(StageKind kind, YamlFields fields, YamlEntry stage, string key)
    {
        StageOut[] all = [.. kind.Outs.Select(made => new StageOut(made, $"artifacts/{Path.GetFileName(artifacts)}/{stage.Key}/{made.FileName}", Path.Combine(artifacts, stage.Key, made.FileName), stage.Where))];
        string[] known = [.. kind.Outs.Select(made => made.Name)];
        HashSet<string> asked = [];
        foreach (string section in OutSections)
        {
            foreach ((YamlEntry entry, bool hasPath) in Asked(fields[section], $"{key}.{section}"))
            {
                string own = $"{key}.{section}.{entry.Key}";
                if (all.FirstOrDefault(made => made.Name == entry.Key) is not { } made)
                {
                    faults.AddUnknown(entry.Where, own, "out", entry.Key, known);
                }
                else if (!asked.Add(entry.Key))
                {
                    faults.Add(entry.Where, own, "is named twice");
                }
                else if (hasPath && (PathOf(entry.Value) is not { } path || FullPath(path) != made.FullPath))
                {
                    faults.Add(entry.Where, own, $"is {entry.Value.Kind}: a stage's outs have their places, this one {made.Path}: remove the entry and let deps name it {stage.Key}.{made.Name}{(made.Kind.Optional ? $"; outs: [{made.Name}] asks for it" : string.Empty)}");
                }
            }
        }

        return [.. all.Where(made => !made.Kind.Optional || asked.Contains(made.Name))];
    }

    // A list of names; or names and the paths that they have anyway, as files had to say once.
    private IEnumerable<(YamlEntry Entry, bool HasPath)> Asked(YamlNode? node, string key) => node is YamlList list
        ? list.Items.Select(item => (new YamlEntry((item as YamlScalar)?.Text ?? item.Kind, item.Where, item), false))
        : YamlFields.EntriesOf(node, key, faults).Select(entry => (entry, true));

    private static string? PathOf(YamlNode node) =>
        node is YamlScalar { IsNull: false } scalar && !string.IsNullOrWhiteSpace(scalar.Text) && !scalar.Text.Contains('\0', StringComparison.Ordinal) ? scalar.Text : null;

    private string FullPath(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, root));

    private ParamValues Params(StageKind kind, YamlEntry stage, YamlNode? node, string key, SharedParams shared)
    {
        Dictionary<string, YamlNode> given = Given(kind, stage, node, key, shared);
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

    private Dictionary<string, YamlNode> Given(StageKind kind, YamlEntry stage, YamlNode? node, string key, SharedParams shared)
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

        foreach (ParamOverride value in overrides.Where(value => value.IsFor(stage.Key)))
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
