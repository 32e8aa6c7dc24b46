using System.Text.RegularExpressions;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>Reads a pipeline's document and finds everything that is wrong with it.</summary>
internal static partial class PipelineReader
{
    /// <summary>As <see cref="PipelineFile.Read"/>.</summary>
    public static PipelineFile Read(string path, StageCatalog catalog, IReadOnlyList<string> values)
    {
        ParamOverride[] overrides = [.. values.Select(ParamOverride.Parse)];
        FaultList faults = new();
        YamlFields document = new(YamlReader.ReadFile(path), string.Empty, ["stages", "params", "wdir"], faults);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string root = Path.GetFullPath(document.Text("wdir") ?? ".", folder);
        string artifacts = PipelineFile.ArtifactFolder(path, root);
        SharedParams shared = new(document["params"], overrides, faults);
        IReadOnlyList<YamlEntry> entries = YamlFields.EntriesOf(document["stages"], "stages", faults);
        if (entries.Count == 0)
        {
            faults.Add($"{path}:1", "stages", "no stage is here: expected stages: {name: {uses: ..., deps: ...}}");
        }

        (YamlEntry Stage, SharedParams Values)[] named = [.. entries.Where(entry => HasName(entry, faults)).SelectMany(new StageRepetition(shared, faults).Of)];
        ReportStray(overrides, [.. named.Select(stage => stage.Stage.Key)], faults);
        ReportShared([.. named.Select(stage => stage.Stage)], faults);
        StageReader reader = new(catalog, overrides, root, artifacts, faults);
        PipelineStage[] stages = [.. named.Select(stage => reader.Read(stage.Stage, stage.Values)).OfType<PipelineStage>()];
        // What a broken stage would have used or made cannot be told from what nobody uses or makes.
        faults.ThrowIfAny();
        shared.ReportUnused();
        IReadOnlyList<PipelineStage> ordered = StageOrder.Sort(new StageLinks(stages, artifacts, faults).Linked(), faults);
        faults.ThrowIfAny();
        faults.Add(ordered.SelectMany(stage => stage.Faults(ordered, reads: false)));
        faults.ThrowIfAny();
        return new PipelineFile(path, root, ordered, values);
    }

    private static bool HasName(YamlEntry entry, FaultList faults)
    {
        if (Name().IsMatch(entry.Key))
        {
            return true;
        }

        faults.Add(entry.Where, "stages", $"'{entry.Key}' cannot name a stage: expected letters, digits, '-' and '_'");
        return false;
    }

    private static void ReportStray(IReadOnlyList<ParamOverride> overrides, string[] stages, FaultList faults)
    {
        foreach (ParamOverride given in overrides.Where(given => given.Stage is not null && !stages.Any(given.IsFor)))
        {
            faults.AddUnknown(given.Where, string.Empty, "stage", given.Stage!, StageGroup.Names(stages));
        }
    }

    // A stage's name is its folder's, where there may be no upper and lower case.
    private static void ReportShared(YamlEntry[] stages, FaultList faults)
    {
        Dictionary<string, string> folders = new(PathRule.Comparer);
        foreach (YamlEntry stage in stages.Where(stage => !folders.TryAdd(stage.Key, stage.Key)))
        {
            faults.Add(stage.Where, $"stages.{stage.Key}", $"its folder is that of stage '{folders[stage.Key]}' too: give it a name that differs in more than upper and lower case");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex Name();
}
