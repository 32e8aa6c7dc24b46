using AdaptiveKv.Data.Tasks;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>A multiple-choice evaluation for people: what ran, one row per policy, and what the figures mean.</summary>
public static class EvaluationTable
{
    private static readonly Column[] Columns =
    [
        new("policy", policy => policy.Policy) { IsBrief = true },
        new("acc", policy => Cell.Percent(policy.Accuracy.Value, policy.Accuracy.StandardError))
        {
            IsWanted = HasEndings,
            IsBrief = true,
            Legend = "acc, acc_norm, acc_bytes: percent right +- standard error, by log-likelihood as it is, per character and per UTF-8 byte of the ending",
        },
        new("acc_norm", policy => Cell.Percent(policy.AccuracyNorm.Value, policy.AccuracyNorm.StandardError)) { IsWanted = HasEndings },
        new("acc_bytes", policy => Cell.Percent(policy.AccuracyBytes.Value, policy.AccuracyBytes.StandardError)) { IsWanted = HasEndings },
        new("d acc", policy => Cell.Difference(policy.Difference?.Points, policy.Difference?.StandardError, "0.0"))
        {
            IsWanted = HasEndings,
            IsBrief = true,
            Legend = $"d: points from {PolicySummary.Baseline} on the same items; p: exact McNemar test",
        },
        new("p", policy => Cell.PValue(policy.Difference?.PValue)) { IsWanted = HasEndings, IsBrief = true },
        new("d acc_norm", policy => Cell.Difference(policy.DifferenceNorm?.Points, policy.DifferenceNorm?.StandardError, "0.0")) { IsWanted = HasEndings },
        new("p", policy => Cell.PValue(policy.DifferenceNorm?.PValue)) { IsWanted = HasEndings },
        new("d acc_bytes", policy => Cell.Difference(policy.DifferenceBytes?.Points, policy.DifferenceBytes?.StandardError, "0.0")) { IsWanted = HasEndings },
        new("p", policy => Cell.PValue(policy.DifferenceBytes?.PValue)) { IsWanted = HasEndings },
        new("perplexity", policy => Cell.Number(policy.Perplexity, "0.000"))
        {
            IsWanted = report => report.Unit == EvaluationUnit.Text,
            IsBrief = true,
            Legend = "perplexity: exp of the mean -log-likelihood per token of the texts, each from an empty cache",
        },
        new("KL", policy => Cell.Number(policy.Divergence?.Kl, "0.0000"))
        {
            IsWanted = HasDivergence,
            IsBrief = true,
            Legend = "KL: mean KL(16 bits || policy) per prediction, nats, with its 95 % interval over items; top-1: predictions with the same likeliest token",
        },
        new("95 %", policy => Cell.Interval(policy.Divergence?.Low, policy.Divergence?.High, "0.0000", "-")) { IsWanted = HasDivergence, IsBrief = true },
        new("top-1", policy => policy.Divergence is { } divergence ? Cell.Percent(divergence.TopAgreement.Value, null) : Cell.None) { IsWanted = HasDivergence },
        new("bits", policy => Cell.Number(policy.EffectiveBits, "0.00"))
        {
            IsBrief = true,
            Legend = "bits: allocated cache bits per element (nominal: of the codes alone); B/token: cache bytes per token",
        },
        new("nominal", policy => Cell.Number(policy.NominalBits, "0.00")),
        new("coded", policy => Cell.Number(policy.Target?.Coded, "0.00"))
        {
            IsWanted = HasTarget,
            Legend = "coded: effective bits of coded tokens, without sinks and unused room; off: how far they lie from the bits the policy's name asks for",
        },
        new("off", policy => policy.Target is { } target ? $"{Cell.Difference(100 * target.Error, null, "0.0")} %" : Cell.None) { IsWanted = HasTarget },
        new("B/token", policy => Cell.Number(policy.KvBytesPerToken, "0")),
        new("ms/token", policy => Cell.Number(policy.MsPerToken, "0.00"))
        {
            IsWanted = HasTimes,
            Legend = "ms/token: the model's time per token, median and 95 % point over the items",
        },
        new("p95", policy => Cell.Number(policy.MsPerTokenP95, "0.00")) { IsWanted = HasTimes },
        new("tiers", policy => Cell.Tiers(policy.Tiers)) { IsBrief = true, Legend = "tiers: share of tokens by bits" },
    ];

    /// <summary>Plain ASCII; lines end with LF.</summary>
    public static string Text(EvaluationReport report) => Page(report).ToText();

    /// <summary>The same as Markdown.</summary>
    public static string Markdown(EvaluationReport report) => Page(report).ToMarkdown();

    /// <summary>What a screen holds of it, for the end of a run; the rest is in the stage's files and its report.</summary>
    /// <param name="report">The evaluation.</param>
    /// <param name="width">Characters of a line of the screen; null for no limit.</param>
    public static string Brief(EvaluationReport report, int? width = null) => Page(report, column => column.IsBrief).ToText(width);

    private static TitledTable Page(EvaluationReport report, Func<Column, bool>? isShown = null)
    {
        Column[] columns = [.. Columns.Where(column => column.IsWanted(report) && (isShown is null || isShown(column)))];
        return new TitledTable(Title(report), Warnings(report), Table(report, columns), Notes(report, columns));
    }

    internal static string Title(EvaluationReport report) =>
        RunLines.Title(report.Run, $"{RunLines.Count(report.ItemsDone, report.Unit == EvaluationUnit.Text ? "text" : "item")} ({Format(report.Format)}){RunLines.After(report.Shots)}");

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

    private static TextTable Table(EvaluationReport report, Column[] columns)
    {
        var table = new TextTable([.. columns.Select(column => column.Header)]);
        foreach (PolicySummary policy in report.Policies)
        {
            table.Add([.. columns.Select(column => column.Cell(policy))]);
        }

        return table;
    }

    private static IEnumerable<string> Notes(EvaluationReport report, Column[] columns) =>
        [.. report.Verdict ?? [], .. columns.Select(column => column.Legend).OfType<string>(), .. RunLines.Provenance(report.Run, report.Seconds, report.PeakRssBytes)];

    private static string Format(ItemFormat format) => format switch
    {
        ItemFormat.HellaSwagJsonLines => "HellaSwag",
        ItemFormat.HellaSwagText => "HellaSwag as text",
        ItemFormat.ArcJsonLines => "ARC",
        ItemFormat.PlainText => "windows of a plain text",
        _ => "akv JSON lines",
    };

    private static bool HasEndings(EvaluationReport report) => report.Unit == EvaluationUnit.Endings;

    private static bool HasDivergence(EvaluationReport report) => report.Policies.Any(policy => policy.Divergence is not null);

    private static bool HasTarget(EvaluationReport report) => report.Policies.Any(policy => policy.Target is not null);

    private static bool HasTimes(EvaluationReport report) => report.Policies.Any(policy => policy.MsPerToken is not null);

    private sealed record Column(string Header, Func<PolicySummary, string> Cell)
    {
        public Func<EvaluationReport, bool> IsWanted { get; init; } = _ => true;

        public string? Legend { get; init; }

        public bool IsBrief { get; init; }
    }
}
