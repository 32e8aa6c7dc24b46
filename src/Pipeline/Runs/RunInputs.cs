using System.Text.Json;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Runs;

/// <summary>What went into kept runs, by names: values of params, files from outside, versions of programs.</summary>
public static class RunInputs
{
    private const int ShownHash = 8;

    /// <summary>What two runs had in different ways; null where one had no such thing.</summary>
    public static IReadOnlyList<(string Name, string? Old, string? New)> Between(KeptRun old, KeptRun @new)
    {
        SortedDictionary<string, string> before = Of(old), after = Of(@new);
        return
        [
            .. from name in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
               let values = (Old: before.GetValueOrDefault(name), New: after.GetValueOrDefault(name))
               where values.Old != values.New
               select (name, values.Old, values.New),
        ];
    }

    /// <summary>All that a run had.</summary>
    public static SortedDictionary<string, string> Of(KeptRun run)
    {
        HashSet<string> own = [.. run.Stages.Values.SelectMany(stage => stage.Made.Outs.Values).Select(output => output.Path)];
        SortedDictionary<string, string> inputs = new(StringComparer.Ordinal);
        foreach ((string name, LockedStage made) in run.Stages.Select(stage => (stage.Key, stage.Value.Made)))
        {
            inputs.Add(name, $"{made.Uses}, version {made.Code}{(made.Kernels is null ? string.Empty : $", {made.Kernels} kernels")}");
            foreach ((string dep, LockedFile read) in made.Deps.Where(dep => !own.Contains(dep.Value.Path)))
            {
                inputs.Add($"{name}.{dep}", $"{read.Path} ({read.Sha256[..ShownHash]})");
            }

            foreach ((string param, JsonElement value) in made.Params)
            {
                inputs[$"{name}.{param}"] = ParamValues.Text(value);
            }
        }

        return inputs;
    }
}
