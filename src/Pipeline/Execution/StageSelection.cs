using AdaptiveKv.Pipeline.Files;

namespace AdaptiveKv.Pipeline.Execution;

/// <summary>Which stages of a pipeline to look at: all of them unless something is named.</summary>
public sealed record StageSelection
{
    /// <summary>All stages.</summary>
    public static StageSelection All { get; } = new();

    /// <summary>These, and those that make what they read.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Only this one and those that read, directly or not, what it makes; what comes before is taken as it is.</summary>
    public string? From { get; init; }

    /// <summary>Only this one and those that make, directly or not, what it reads.</summary>
    public string? To { get; init; }

    /// <summary>The stages, in the order in which they run.</summary>
    /// <exception cref="ConfigurationException">The pipeline has no stage of a name, or nothing is left.</exception>
    internal IReadOnlyList<PipelineStage> Of(PipelineFile file)
    {
        FaultList faults = new();
        string[] known = [.. file.Stages.Select(stage => stage.Name)];
        string[] targets = [.. Targets.SelectMany(Named)], to = To is null ? [] : Named(To), from = From is null ? [] : Named(From);
        faults.ThrowIfAny();
        HashSet<string> upstream = targets.Length == 0 ? [.. known] : Upstream(file, targets);
        if (to.Length > 0)
        {
            upstream.IntersectWith(Upstream(file, to));
        }

        HashSet<string> downstream = from.Length == 0 ? [.. known] : Downstream(file, from);
        PipelineStage[] selected = [.. file.Stages.Where(stage => upstream.Contains(stage.Name) && downstream.Contains(stage.Name))];
        if (selected.Length == 0)
        {
            string ends = string.Join(" or ", targets.Concat(to).Select(name => $"'{name}'"));
            faults.Add(file.Path, string.Empty, $"no stage is selected: nothing that '{From}' leads to leads to {ends}");
            faults.ThrowIfAny();
        }

        return selected;

        string[] Named(string name)
        {
            string[] stages = [.. known.Where(stage => StageGroup.Holds(name, stage))];
            if (stages.Length == 0)
            {
                faults.AddUnknown(file.Path, string.Empty, "stage", name, StageGroup.Names(known));
            }

            return stages;
        }
    }

    // The stages are sorted: one pass in the right direction meets everything.
    private static HashSet<string> Upstream(PipelineFile file, IEnumerable<string> targets)
    {
        HashSet<string> reached = [.. targets];
        foreach (PipelineStage stage in file.Stages.Reverse().Where(stage => reached.Contains(stage.Name)))
        {
            reached.UnionWith(stage.Producers);
        }

        return reached;
    }

    private static HashSet<string> Downstream(PipelineFile file, IEnumerable<string> from)
    {
        HashSet<string> reached = [.. from];
        foreach (PipelineStage stage in file.Stages.Where(stage => stage.Producers.Any(reached.Contains)))
        {
            reached.Add(stage.Name);
        }

        return reached;
    }
}
