using System.Globalization;
using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>A report before it is a page.</summary>
/// <param name="Title">The run.</param>
/// <param name="Subtitle">The day, and what is compared.</param>
/// <param name="Warnings">What makes the figures less than they seem.</param>
/// <param name="Verdict">What they say, in sentences.</param>
/// <param name="Sections">Figures by subject.</param>
/// <param name="Provenance">What they were made of.</param>
internal sealed record ReportDocument(
    string Title,
    string Subtitle,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verdict,
    IReadOnlyList<(string Title, IReadOnlyList<ReportFigure> Figures)> Sections,
    IReadOnlyList<string> Provenance)
{
    /// <summary>The day of a report, in UTC.</summary>
    public static string DayOf(TimeProvider time) => time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static ReportDocument Of(ReportInputs inputs, TimeProvider time)
    {
        EvaluationReport evaluation = inputs.Evaluation;
        List<(string, IReadOnlyList<ReportFigure>)> sections =
        [
            ("Quality against memory", [.. QualityFigures.Of(evaluation)]),
            ("Bits that tokens were kept at", [TierFigure.Of(evaluation)]),
            ("Latency", [.. LatencyFigures.Of(evaluation, inputs.Speed)]),
        ];
        if (inputs.Training is { } training)
        {
            sections.Add(("Training of the controller", [.. TrainingFigures.Of(training)]));
        }

        if (inputs.Summary is { } summary)
        {
            TextTable table = new("figure", "value");
            foreach (Pipeline.Metrics.Metric metric in summary.Metrics)
            {
                table.Add(metric.Path, metric.Text);
            }

            sections.Add(("Dataset", [new ReportFigure("The dataset's figures", "As the dataset stage wrote them.", table)]));
        }

        return new ReportDocument(
            EvaluationTable.Title(evaluation),
            $"{DayOf(time)}: {RunLines.Count(evaluation.Policies.Count, "policy", "policies")} of keeping keys and values, by the memory they take and by how far predictions stray from those of a 16-bit cache.",
            [.. EvaluationTable.Warnings(evaluation)],
            evaluation.Verdict is { Count: > 0 } verdict ? verdict : [.. EvaluationVerdict.Of(evaluation)],
            [.. sections.Where(section => section.Item2.Count > 0)],
            [.. ProvenanceLines(inputs)]);
    }

    private static IEnumerable<string> ProvenanceLines(ReportInputs inputs)
    {
        EvaluationReport evaluation = inputs.Evaluation;
        yield return $"{evaluation.ItemsDone} of {evaluation.ItemsInFile} items, seed {evaluation.Seed}";
        foreach (string line in RunLines.Provenance(evaluation.Run, evaluation.Seconds, evaluation.PeakRssBytes))
        {
            yield return line;
        }

        if (inputs.Training is { } training)
        {
            string labels = training.Labels is { } kind ? $"{kind} labels, " : "";
            string rows = string.Join(", ", training.Rows.Select(split => $"{split.Value:N0} {split.Key} rows"));
            yield return $"training: {labels}{rows}{(rows.Length > 0 ? ", " : "")}epoch {training.BestEpoch} of {training.Epochs.Count} kept, seed {training.Seed}";
            yield return $"features: {string.Join(", ", training.Features)}";
            yield return $"training data sha256 {training.DataSha256 ?? Cell.None}";
        }

        if (inputs.Speed is { } speed)
        {
            yield return $"speed: {RunLines.Title(speed.Run, RunLines.Count(speed.Settings.Repeats, "repeat"))}";
        }
    }
}
