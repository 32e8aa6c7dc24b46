using AdaptiveKv.Pipeline.Artifacts;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>
/// Where outs may lie: within the pipeline's own folder, each stage's in a folder of its own. That folder has one manifest and one lock, so
/// stages of one pipeline can run at the same time and never write over each other or over anything else.
/// </summary>
internal static class OutRules
{
    public static void Check(IReadOnlyList<PipelineStage> stages, string artifacts, FaultList faults)
    {
        List<(string Path, string Key)> seen = [];
        Dictionary<string, string> folders = new(PathRule.Comparer);
        foreach (PipelineStage stage in stages)
        {
            foreach (StageOut made in stage.Outs)
            {
                string key = $"stages.{stage.Name}.{Section(made.Role)}.{made.Name}";
                if ((PlaceProblem(stage, made, artifacts) ?? SharingProblem(made, seen)) is { } problem)
                {
                    faults.Add(made.Where, key, problem);
                }

                seen.Add((made.FullPath, key));
            }

            if (!folders.TryAdd(stage.Folder, stage.Name))
            {
                string problem = $"its folder {Path.GetFileName(stage.Folder)} is that of stage '{folders[stage.Folder]}' too";
                faults.Add(stage.Outs[0].Where, $"stages.{stage.Name}", $"{problem}: give each stage's outs a folder of their own");
            }
        }
    }

    /// <summary>What is wrong with the name of an out, wherever it lies; null if nothing is.</summary>
    public static string? NameProblem(StageOut made) =>
        made.FileName.StartsWith('.') || PathRule.Comparer.Equals(made.FileName, Manifest.FileName)
            ? $"'{made.FileName}' is a reserved name: names that start with '.' and {Manifest.FileName} are the pipeline's own"
            : null;

    private static string? PlaceProblem(PipelineStage stage, StageOut made, string artifacts)
    {
        string place = $"artifacts/{Path.GetFileName(artifacts)}/{stage.Name}/";
        if (!PathRule.IsWithin(made.FullPath, artifacts))
        {
            return $"{made.Path} is outside of the pipeline's folder: expected a path in {place}";
        }

        string folder = Path.GetDirectoryName(made.FullPath)!;
        if (PathRule.Comparer.Equals(folder, artifacts) || !PathRule.Comparer.Equals(folder, stage.Folder))
        {
            return $"{made.Path} is not in the stage's own folder: expected all of its outs in {place}";
        }

        return NameProblem(made);
    }

    private static string? SharingProblem(StageOut made, List<(string Path, string Key)> seen)
    {
        string path = made.FullPath;
        (_, string? key) = seen.Find(other =>
            PathRule.Comparer.Equals(other.Path, path) || PathRule.IsWithin(path, other.Path) || PathRule.IsWithin(other.Path, path));
        return key is null ? null : $"{made.Path} is, holds or lies in the out {key}: two stages cannot make one file";
    }

    private static string Section(OutRole role) => role switch { OutRole.Metrics => "metrics", OutRole.Plot => "plots", _ => "outs" };
}
