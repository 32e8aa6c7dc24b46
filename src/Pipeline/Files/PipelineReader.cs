using System.Text.RegularExpressions;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>Reads a pipeline's document and finds everything that is wrong with it.</summary>
internal static partial class PipelineReader
{
    /// <summary>As <see cref="PipelineFile.Read"/>.</summary>
    public static PipelineFile Read(string path, StageCatalog catalog, IReadOnlyList<ParamOverride> overrides)
    {
        FaultList faults = new(catalog.Nearest);
        YamlFields document = new(YamlReader.ReadFile(path), string.Empty, ["stages", "params", "wdir"], faults);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string root = Path.GetFullPath(document.Text("wdir") ?? ".", folder);
        SharedParams shared = new(document["params"], overrides, faults);
        StageReader reader = new(catalog, shared, overrides, root, faults);

        List<PipelineStage> stages = [];
        IReadOnlyList<YamlEntry> entries = YamlFields.EntriesOf(document["stages"], "stages", faults);
        foreach (YamlEntry entry in entries)
        {
            if (!Name().IsMatch(entry.Key))
            {
                faults.Add(entry.Where, "stages", $"'{entry.Key}' cannot name a stage: expected letters, digits, '-' and '_'");
            }
            else if (reader.Read(entry) is { } stage)
            {
                stages.Add(stage);
            }
        }

        if (entries.Count == 0)
        {
            faults.Add($"{path}:1", "stages", "no stage is here: expected stages: {name: {uses: ..., deps: ..., outs: ...}}");
        }

        ReportStray(overrides, [.. entries.Select(entry => entry.Key)], faults);
        // What a broken stage would have used or made cannot be told from what nobody uses or makes.
        faults.ThrowIfAny();
        shared.ReportUnused();
        OutRules.Check(stages, PipelineFile.ArtifactFolder(path, root), faults);
        IReadOnlyList<PipelineStage> ordered = StageOrder.Sort(Linked(stages, PipelineFile.ArtifactFolder(path, root), faults), faults);
        faults.ThrowIfAny();
        faults.Add(ordered.SelectMany(stage => stage.Faults(ordered, reads: false)));
        faults.ThrowIfAny();
        return new PipelineFile(path, root, ordered, catalog.Nearest);
    }

    private static void ReportStray(IReadOnlyList<ParamOverride> overrides, IReadOnlyCollection<string> stages, FaultList faults)
    {
        foreach (ParamOverride given in overrides)
        {
            if (given.Stage is { } stage && !stages.Contains(stage))
            {
                faults.AddUnknown(given.Where, string.Empty, "stage", stage, stages);
            }
        }
    }

    private static PipelineStage[] Linked(List<PipelineStage> stages, string artifacts, FaultList faults)
    {
        Dictionary<string, string> makers = new(PathRule.Comparer);
        foreach (PipelineStage stage in stages)
        {
            foreach (StageOut made in stage.Outs)
            {
                makers.TryAdd(made.FullPath, stage.Name);
            }
        }

        foreach ((PipelineStage stage, StageDep dep) in stages.SelectMany(stage => stage.Deps.Select(dep => (stage, dep))))
        {
            if (!makers.ContainsKey(dep.FullPath) && PathRule.IsWithin(dep.FullPath, artifacts))
            {
                string problem = $"no stage makes {dep.Path}, which lies in the pipeline's own folder";
                faults.Add(dep.Where, $"stages.{stage.Name}.deps.{dep.Name}", $"{problem}: expected an out of a stage, or a file elsewhere");
            }
        }

        StageDep WithProducer(StageDep dep) => dep with { Producer = makers.GetValueOrDefault(dep.FullPath) };
        return [.. stages.Select(stage => stage with { Deps = [.. stage.Deps.Select(WithProducer)] })];
    }

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex Name();
}
