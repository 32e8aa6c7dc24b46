using AdaptiveKv.Collection;
using AdaptiveKv.Evaluation.Report;
using AdaptiveKv.Evaluation.Stages;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Training;

namespace AdaptiveKv.Cli;

/// <summary>The stages that <c>uses:</c> in a pipeline file can name.</summary>
internal static class Stages
{
    /// <summary>All of them.</summary>
    public static StageCatalog Catalog { get; } = new(
    [
        CalibrateStage.Kind, AllocateStage.Kind, CollectStage.Kind, FisherStage.Kind, ProbeStage.Kind, DatasetStage.Kind, TrainStage.Kind, RescaleStage.Kind, RivalsStage.Kind, EvaluateStage.Kind, SpeedStage.Kind, ReportStage.Kind,
    ]);
}
