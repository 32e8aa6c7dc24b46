using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AdaptiveKv.Evaluation.Reports;
using AdaptiveKv.Evaluation.Speed;
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
    /// <exception cref="InvalidDataException">One is not of its kind, or of a newer version.</exception>
    public static ReportInputs Read(string evaluation, string? training, string? summary, string? speed)
    {
        EvaluationReport figures = EvaluationFile.Read(evaluation);
        TrainingLog? log = training is null ? null : Read(training, TrainingJson.Default.TrainingLog, "a training's log ('akv train')");
        log?.Check(training!);
        SpeedReport? speeds = speed is null ? null : Read(speed, Figures.SpeedReport, "a measurement of speed ('akv bench --json')");
        return new ReportInputs(figures, log, summary is null ? null : MetricsFile.Read(summary), speeds);
    }

    private static T Read<T>(string path, JsonTypeInfo<T> type, string expected)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, type) ?? throw new JsonException("it is null");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: expected {expected}: {exception.Message}", exception);
        }
    }
}
