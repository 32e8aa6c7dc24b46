using System.Text.Json;
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

    /// <summary>Where plans of its shards lie; there is none while there are no plans.</summary>
    internal string PlanFolder => Path.Combine(Folder, ".shards");

    /// <summary>The stages that make what it reads.</summary>
    public IEnumerable<string> Producers => Deps.Select(dep => dep.Producer).OfType<string>().Distinct();

    /// <summary>Whether a value is its program's default: then the stage is as one of before there was such a param.</summary>
    internal bool IsAtDefault(string param) =>
        Kind.Params.First(known => known.Name == param).Default is { } preset && JsonElement.DeepEquals(preset, Params.All[param]);

    /// <summary>What it reads from outside of the pipeline and is not there.</summary>
    public IEnumerable<StageDep> MissingDeps() => Deps.Where(dep => dep.Producer is null && !Path.Exists(dep.FullPath));

    /// <summary>What its program would refuse of its values.</summary>
    /// <param name="stages">Of the same document; those that are not known yet are left out.</param>
    /// <param name="reads">Whether files from outside of the document are read for it.</param>
    /// <exception cref="InvalidDataException">Such a file is malformed.</exception>
    public IEnumerable<ConfigurationFault> Faults(IReadOnlyCollection<PipelineStage> stages, bool reads)
    {
        Dictionary<string, ParamValues> makers = [];
        Dictionary<string, string> files = [];
        foreach (StageDep dep in Deps)
        {
            if (stages.FirstOrDefault(stage => stage.Name == dep.Producer) is { } maker)
            {
                makers.Add(dep.Name, maker.Params);
            }
            else if (reads && dep.Producer is null && Path.Exists(dep.FullPath))
            {
                files.Add(dep.Name, dep.FullPath);
            }
        }

        return Kind.Check(new StageProposal(Params, Deps.Select(dep => dep.Name).ToHashSet(), makers, files))
            .Select(fault => new ConfigurationFault(Params.PlaceOf(fault.Param) ?? Where, $"stages.{Name}.params.{fault.Param}", fault.Problem));
    }

    /// <summary>Says of a missing dep where it is named and what to do.</summary>
    public ConfigurationFault Fault(StageDep missing) =>
        new(missing.Where, $"stages.{Name}.deps.{missing.Name}", $"there is no {missing.Path}: create it, or correct the path");
}
