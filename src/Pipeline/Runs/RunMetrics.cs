using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Runs;

/// <summary>The metrics of kept runs.</summary>
public static class RunMetrics
{
    /// <summary>All of a run's, each with the stage before its path: "train.gap_closed".</summary>
    /// <exception cref="InvalidDataException">A file is not as it was kept.</exception>
    public static IReadOnlyList<Metric> Of(KeptRun run, RunStore store, StageCatalog catalog) =>
    [
        .. from stage in run.Stages
           where catalog.Kinds.ContainsKey(stage.Value.Made.Uses)
           from output in catalog.Kinds[stage.Value.Made.Uses].Outs
           where output.IsMetrics && stage.Value.Made.Outs.ContainsKey(output.Name)
           let kept = stage.Value.Files.First(file => file.Path == output.FileName)
           from metric in MetricsFile.Read(store.Verified(run, kept)).Metrics
           select metric with { Path = $"{stage.Key}.{metric.Path}" },
    ];
}
