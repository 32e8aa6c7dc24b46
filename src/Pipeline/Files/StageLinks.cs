namespace AdaptiveKv.Pipeline.Files;

/// <summary>Finds what the deps of a pipeline's stages stand for: "collect.tokens" for an out of a stage, anything else for the path of a file.</summary>
/// <param name="stages">All of them.</param>
/// <param name="artifacts">The pipeline's folder.</param>
/// <param name="faults">Hears what is wrong.</param>
internal sealed class StageLinks(IReadOnlyList<PipelineStage> stages, string artifacts, FaultList faults)
{
    private readonly Dictionary<string, (PipelineStage Stage, StageOut Out)> made =
        stages.SelectMany(stage => stage.Outs.Select(own => (stage, own))).ToDictionary(pair => pair.own.FullPath, PathRule.Comparer);

    /// <summary>The stages with each dep's path and maker.</summary>
    public PipelineStage[] Linked() => [.. stages.Select(stage => stage with { Deps = [.. stage.Deps.Select(dep => Linked(dep, $"stages.{stage.Name}.deps.{dep.Name}"))] })];

    private StageDep Linked(StageDep dep, string key)
    {
        if (made.TryGetValue(dep.FullPath, out (PipelineStage Stage, StageOut Out) maker))
        {
            return dep with { Producer = maker.Stage.Name };
        }

        if (PathRule.IsWithin(dep.FullPath, artifacts))
        {
            faults.Add(dep.Where, key, $"no stage makes {dep.Path}, which lies in the pipeline's own folder: expected an out of a stage, such as {Example()}, or a file elsewhere");
            return dep;
        }

        int dot = dep.Path.LastIndexOf('.');
        return dot > 0 ? OfStage(dep, dep.Path[..dot], dep.Path[(dot + 1)..], key) : dep;
    }

    private StageDep OfStage(StageDep dep, string name, string made, string key)
    {
        if (stages.FirstOrDefault(stage => stage.Name == name) is { } producer)
        {
            if (producer.Outs.FirstOrDefault(own => own.Name == made) is { } found)
            {
                return dep with { Path = found.Path, FullPath = found.FullPath, Producer = name };
            }

            if (producer.Kind.Outs.Any(own => own.Name == made))
            {
                faults.Add(dep.Where, key, $"stage '{name}' makes {made} only where it is asked for: add outs: [{made}] to it");
            }
            else
            {
                faults.AddUnknown(dep.Where, key, $"out of {name}", made, [.. producer.Kind.Outs.Select(own => own.Name)]);
            }
        }
        else if (stages.Where(stage => StageGroup.Holds(name, stage.Name)).Select(stage => stage.Name).ToArray() is { Length: > 0 } group)
        {
            faults.Add(dep.Where, key, $"'{name}' is {group.Length} stages: expected one of them, such as {group[0]}.{made}");
        }
        else if (!Path.Exists(dep.FullPath) && FaultList.Suggestion(name, stages.Where(stage => stage.Outs.Any(own => own.Name == made)).Select(stage => stage.Name)) is { Length: > 0 } near)
        {
            faults.Add(dep.Where, key, $"'{dep.Path}' is no out of a stage, and no such file is there{near}");
        }

        return dep;
    }

    private string Example() => $"{stages[0].Name}.{stages[0].Outs[0].Name}";
}
