using AdaptiveKv.Scoring.Tasks;

namespace AdaptiveKv.Evaluation.Reports;

/// <summary>A multiple-choice evaluation for people: what ran, one row per policy, and what the figures mean.</summary>
public static class EvaluationTable
{
    private static readonly string[] Legend =
    [
        $"acc, acc_norm: percent right +- standard error; d: points from {PolicySummary.Baseline} on the same items; p: exact McNemar test",
        "bits: allocated cache bits per element (nominal: of the codes alone); B/token: cache bytes per token",
        "ms/token: the model's time per token, median and 95 % point over the items; tiers: share of tokens by bits",
    ];

    /// <summary>Plain ASCII; lines end with LF.</summary>
    public static string Text(EvaluationReport report) => Page(report).ToText();

    /// <summary>The same as Markdown.</summary>
    public static string Markdown(EvaluationReport report) => Page(report).ToMarkdown();

    private static ReportPage Page(EvaluationReport report) => new(Title(report), Warnings(report), Table(report), Notes(report));

    internal static string Title(EvaluationReport report) =>
        RunLines.Title(report.Run, $"{RunLines.Count(report.ItemsDone, "item")} ({Format(report.Format)})");

    internal static IEnumerable<string> Warnings(EvaluationReport report)
    {
        if (report.ItemsWanted < report.ItemsInFile)
        {
            string sample = report.ItemsWanted < report.ItemsSelected ? $", a random sample (--limit {report.ItemsWanted} --seed {report.Seed})" : "";
            string selection = report.Selection is { } names ? $", of those named in {names}" : "";
            yield return $"PARTIAL: {report.ItemsWanted} of {report.ItemsInFile} items{sample}{selection}; not the score of the whole file";
        }

        if (report.ItemsDone < report.ItemsWanted)
        {
            yield return $"STOPPED after {report.ItemsDone} of {report.ItemsWanted} items, the first in file order and no random sample";
        }
    }

    private static TextTable Table(EvaluationReport report)
    {
        var table = new TextTable("policy", "acc", "acc_norm", "d acc", "p", "d acc_norm", "p", "bits", "nominal", "B/token", "ms/token", "p95", "tiers");
        foreach (PolicySummary policy in report.Policies)
        {
            table.Add(
                policy.Policy,
                Cell.Percent(policy.Accuracy.Value, policy.Accuracy.StandardError),
                Cell.Percent(policy.AccuracyNorm.Value, policy.AccuracyNorm.StandardError),
                Cell.Difference(policy.Difference?.Points, policy.Difference?.StandardError, "0.0"),
                Cell.PValue(policy.Difference?.PValue),
                Cell.Difference(policy.DifferenceNorm?.Points, policy.DifferenceNorm?.StandardError, "0.0"),
                Cell.PValue(policy.DifferenceNorm?.PValue),
                Cell.Number(policy.EffectiveBits, "0.00"),
                Cell.Number(policy.NominalBits, "0.00"),
                Cell.Number(policy.KvBytesPerToken, "0"),
                Cell.Number(policy.MsPerToken, "0.00"),
                Cell.Number(policy.MsPerTokenP95, "0.00"),
                Cell.Tiers(policy.Tiers));
        }

        return table;
    }

    private static IEnumerable<string> Notes(EvaluationReport report) => [.. Legend, .. RunLines.Provenance(report.Run, report.Seconds, report.PeakRssBytes)];

    private static string Format(ItemFormat format) => format switch
    {
        ItemFormat.HellaSwagJsonLines => "HellaSwag",
        ItemFormat.HellaSwagText => "HellaSwag as text",
        ItemFormat.ArcJsonLines => "ARC",
        _ => "akv JSON lines",
    };
}
