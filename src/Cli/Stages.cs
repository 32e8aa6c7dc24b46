using AdaptiveKv.Evaluation.Report;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli;

/// <summary>The stages that <c>uses:</c> in a pipeline file can name.</summary>
internal static class Stages
{
    /// <summary>All of them.</summary>
    public static StageCatalog Catalog { get; } = new([ReportStage.Kind], NearestName.Find);
}
