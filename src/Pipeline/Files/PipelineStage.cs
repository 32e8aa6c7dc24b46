using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>A stage of a pipeline, ready to run.</summary>
/// <param name="Name">Its key under <c>stages:</c>.</param>
/// <param name="Kind">What it uses.</param>
/// <param name="Description">The document's own words on it; those of its kind if there are none.</param>
/// <param name="Deps">What it reads, by name.</param>
/// <param name="Outs">What it writes, by name; at least one, all in one folder, which no other stage writes to.</param>
/// <param name="Params">Its values.</param>
/// <param name="Where">File and line.</param>
public sealed record PipelineStage(
    string Name,
    StageKind Kind,
    string Description,
    IReadOnlyList<StageDep> Deps,
    IReadOnlyList<StageOut> Outs,
    ParamValues Params,
    string Where)
{
    /// <summary>The folder of its outs, which is its own.</summary>
    public string Folder => Path.GetDirectoryName(Outs[0].FullPath)!;

    /// <summary>The stages that make what it reads.</summary>
    public IEnumerable<string> Producers => Deps.Select(dep => dep.Producer).OfType<string>().Distinct();

    /// <summary>What it reads from outside of the pipeline and is not there.</summary>
    public IEnumerable<ConfigurationFault> MissingDeps() => Deps
        .Where(dep => dep.Producer is null && !Path.Exists(dep.FullPath))
        .Select(dep => new ConfigurationFault(dep.Where, $"stages.{Name}.deps.{dep.Name}", $"there is no {dep.Path}: create it, or correct the path"));
}
