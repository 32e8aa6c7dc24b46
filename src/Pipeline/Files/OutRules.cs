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
                if (Problem(stage, made, artifacts, seen) is { } problem)
                {
                    faults.Add(made.Where, key, problem);
                }

                seen.Add((made.FullPath, key));
            }

            if (!folders.TryAdd(stage.Folder, stage.Name))
            {
                faults.Add(stage.Outs[0].Where, $"stages.{stage.Name}", $"its folder {Path.GetFileName(stage.Folder)} is that of stage '{folders[stage.Folder]}' too: give each stage's outs a folder of their own");
            }
        }
    }

    private static string? Problem(PipelineStage stage, StageOut made, string artifacts, List<(string Path, string Key)> seen)
    {
        if (!PathRule.IsWithin(made.FullPath, artifacts))
        {
            return $"{made.Path} is outside of the pipeline's folder: expected a path in artifacts/{Path.GetFileName(artifacts)}/{stage.Name}/";
        }

        if (PathRule.Comparer.Equals(Path.GetDirectoryName(made.FullPath), artifacts) || !PathRule.Comparer.Equals(Path.GetDirectoryName(made.FullPath), stage.Folder))
        {
            return $"{made.Path} is not in the stage's own folder: expected all of its outs in artifacts/{Path.GetFileName(artifacts)}/{stage.Name}/";
        }

        if (made.FileName.StartsWith('.') || PathRule.Comparer.Equals(made.FileName, Artifacts.Manifest.FileName))
        {
            return $"'{made.FileName}' is a reserved name: names that start with '.' and {Artifacts.Manifest.FileName} are the pipeline's own";
        }

        return seen.Find(other => PathRule.Comparer.Equals(other.Path, made.FullPath) || PathRule.IsWithin(made.FullPath, other.Path) || PathRule.IsWithin(other.Path, made.FullPath)) is { Key: { } key }
            ? $"{made.Path} is, or lies in, an out of {key}: two stages cannot make one file"
            : null;
    }

    private static string Section(OutRole role) => role switch { OutRole.Metrics => "metrics", OutRole.Plot => "plots", _ => "outs" };
}
