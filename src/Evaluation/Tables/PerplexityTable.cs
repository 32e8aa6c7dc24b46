using AdaptiveKv.Evaluation.Perplexity;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>A perplexity measurement for people: what ran, one row per policy, and what the figures mean.</summary>
public static class PerplexityTable
{
    /// <summary>Plain ASCII; lines end with LF.</summary>
    public static string Text(PerplexityReport report) => Page(report).ToText();

    /// <summary>The same as Markdown.</summary>
    public static string Markdown(PerplexityReport report) => Page(report).ToMarkdown();

    private static TitledTable Page(PerplexityReport report) => new(Title(report), Warnings(report), Table(report), Notes(report));

    private static string Title(PerplexityReport report) =>
        RunLines.Title(report.Run, $"{RunLines.Count(report.TokensScored, "token")} in {RunLines.Count(report.WindowsDone, "window")} of {report.WindowLength}, stride {report.Stride}");

    private static IEnumerable<string> Warnings(PerplexityReport report)
    {
        if (report.WindowsWanted < report.WindowsInText)
        {
            yield return $"PARTIAL: the first {report.WindowsWanted} of {report.WindowsInText} windows (--windows {report.WindowsWanted}); not the perplexity of the whole text";
        }

        if (report.WindowsDone < report.WindowsWanted)
        {
            yield return $"STOPPED: {report.WindowsDone} of {report.WindowsWanted} windows were read to their end";
        }
    }

    private static TextTable Table(PerplexityReport report)
    {
        var table = new TextTable("policy", "nll", "ppl", "d nll", "KL", "top-1", "bits", "nominal", "B/token", "ms/token", "p95", "tiers");
        foreach (PerplexitySummary policy in report.Policies)
        {
            Divergence? divergence = policy.Divergence;
            table.Add(
                policy.Policy,
                Cell.Estimate(policy.Nll, policy.NllStandardError, "0.0000"),
                Cell.Number(policy.Perplexity, "0.000"),
                Cell.Difference(divergence?.NllDifference, divergence?.NllDifferenceStandardError, "0.0000"),
                Cell.Estimate(divergence?.Kl, divergence?.KlStandardError, "0.00000"),
                divergence is null ? Cell.None : Cell.Percent(divergence.TopAgreement.Value, divergence.TopAgreement.StandardError),
                Cell.Number(policy.EffectiveBits, "0.00"),
                Cell.Number(policy.NominalBits, "0.00"),
                Cell.Number(policy.KvBytesPerToken, "0"),
                Cell.Number(policy.MsPerToken, "0.00"),
                Cell.Number(policy.MsPerTokenP95, "0.00"),
                Cell.Tiers(policy.Tiers));
        }

        return table;
    }

    private static IEnumerable<string> Notes(PerplexityReport report)
    {
        yield return "nll: mean negative log-likelihood per token in nats +- standard error over tokens; ppl: exp(nll)";
        if (report.Reference is { } reference)
        {
            yield return $"d nll: difference from {reference} at the same tokens; KL: KL({reference} || policy) per token in nats; top-1: percent of tokens with the same likeliest next token";
        }

        yield return "bits: allocated cache bits per element (nominal: of the codes alone); B/token: cache bytes per token";
        yield return $"ms/token: the model's time per token, median and 95 % point over chunks of {report.ChunkLength}; tiers: share of tokens by bits";
        foreach (string line in RunLines.Provenance(report.Run, report.Seconds, report.PeakRssBytes))
        {
            yield return line;
        }
    }
}
