using AdaptiveKv.Cli.Setup;
using AdaptiveKv.Collection;
using AdaptiveKv.Evaluation.Report;
using AdaptiveKv.Evaluation.Stages;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;
using AdaptiveKv.Training;

namespace AdaptiveKv.Cli;

/// <summary>The stages that <c>uses:</c> in a pipeline file can name.</summary>
internal static class Stages
{
    /// <summary>All of them.</summary>
    public static StageCatalog Catalog { get; } = new(
    [
        CalibrateStage.Kind, AllocateStage.Kind, .. new[] { CollectStage.Kind, DatasetStage.Kind, TrainStage.Kind, RescaleStage.Kind, EvaluateStage.Kind }.Select(OverTables),
        SpeedStage.Kind, ReportStage.Kind,
    ], NearestName.Find);

    // What tables need is there before a stage starts to work with them.
    private static StageKind OverTables(StageKind kind) => kind with
    {
        Run = context =>
        {
            DuckDbSetup.Ensure(context.Reporter, context.Cancellation);
            kind.Run(context);
        },
    };
}
