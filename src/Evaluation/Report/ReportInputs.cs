using System.Text.Json;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Pipeline.Metrics;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>What a report is made of.</summary>
/// <param name="Evaluation">Figures of policies.</param>
/// <param name="Training">The log of a training; null without one.</param>
/// <param name="Summary">Figures of a dataset; null without them.</param>
/// <param name="Speed">A measurement of speed; null without one.</param>
internal sealed record ReportInputs(EvaluationReport Evaluation, TrainingLog? Training, MetricsFile? Summary, SpeedReport? Speed)
{
    private static readonly ReportJson Figures = new(new JsonSerializerOptions(ReportJson.Default.Options)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    });

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">One is not of its kind, of a newer version, or a number in it cannot be.</exception>
    public static ReportInputs Read(string evaluation, string? training, string? summary, string? speed)
    {
        EvaluationReport figures = EvaluationFile.Read(evaluation);
        TrainingLog? log = training is null ? null : FigureFile.Read(training, TrainingLog.Json, "a training's log ('akv train')", TrainingLimits.Of);
        log?.Check(training!);
        SpeedReport? speeds = speed is null ? null : FigureFile.Read(speed, Figures.SpeedReport, "a measurement of speed ('akv bench --json')", SpeedLimits.Of);
        return new ReportInputs(figures, log, summary is null ? null : Finite(MetricsFile.Read(summary)), speeds);
    }

    // A page shows figures; what is none would look like one.
    private static MetricsFile Finite(MetricsFile summary) => summary.Metrics.FirstOrDefault(metric => metric.IsNotFinite) is { } broken
        ? throw new InvalidDataException($"{summary.Path}: {broken.Path} is {broken.Text}: expected figures of a dataset ('akv dataset')")
        : summary;
}
