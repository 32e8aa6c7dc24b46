using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Pipeline.Runs;

/// <summary>The hash of all that a run comes of, known before it begins: programs, values that are not at their defaults, files from outside, and who reads what.</summary>
internal static class RunDefinition
{
    /// <param name="file">The pipeline.</param>
    /// <param name="hash">Of a file or a folder from outside; null where it is missing.</param>
    public static string Of(PipelineFile file, Func<string, string?> hash) =>
        FileHash.OfText(string.Join('\n', file.Stages.Select(stage => $"{stage.Name} {string.Join(',', stage.Outs.Select(made => made.Name))} {Of(stage, hash)}")));

    private static string Of(PipelineStage stage, Func<string, string?> hash)
    {
        SortedDictionary<string, LockedFile> deps = new(StringComparer.Ordinal);
        foreach (StageDep dep in stage.Deps)
        {
            deps.Add(dep.Name, new LockedFile(dep.Path, dep.Producer is null ? hash(dep.FullPath) ?? string.Empty : dep.Path));
        }

        SortedDictionary<string, JsonElement> values = new(stage.Params.All.Where(param => !stage.IsAtDefault(param.Key)).ToDictionary(), StringComparer.Ordinal);
        return new LockedStage(stage.Kind.Name, stage.Kind.CodeVersion, deps, values, []).Inputs;
    }
}
