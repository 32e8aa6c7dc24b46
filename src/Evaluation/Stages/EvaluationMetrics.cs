using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>What an evaluation comes to: comparisons with chance, a verdict in words, and the figures that gates read.</summary>
internal static class EvaluationMetrics
{
    /// <summary>Compares every policy of a target with the mean of chance at it.</summary>
    public static IReadOnlyList<PolicyComparison> Compare(ArenaPlan plan, IReadOnlyList<ItemResult> results)
    {
        Dictionary<string, ItemResult[]> byPolicy = results.GroupBy(result => result.Policy).ToDictionary(group => group.Key, group => group.ToArray());
        List<PolicyComparison> comparisons = [];
        foreach (ArenaTarget target in plan.Targets)
        {
            ItemResult[][] chance = [.. target.Chance.Select(name => byPolicy[name])];
            ItemResult[]? oracle = target.Oracle is { } best ? byPolicy[best] : null;
            IEnumerable<string> others = target.Oracle is null ? target.Others : target.Others.Append(target.Oracle);
            comparisons.AddRange(others.Select(name => PolicyComparison.Of(target.Bits, byPolicy[name], chance, oracle)));
        }

        return comparisons;
    }

    /// <summary>Whether each learned policy beats chance, and what it costs against 16 bits.</summary>
    public static IReadOnlyList<string> Verdict(EvaluationReport report) =>
    [
        .. (report.Comparisons ?? []).Where(comparison => PolicyCatalog.IsLearned(comparison.Policy)).Select(ComparisonVerdict.Of),
        .. report.Policies.Where(policy => PolicyCatalog.IsLearned(policy.Policy) && policy is { Difference: not null, Perplexity: null }).Select(policy =>
            $"{policy.Policy}: {policy.Difference!.Points:+0.0;-0.0;0.0} points of acc, {policy.DifferenceNorm!.Points:+0.0;-0.0;0.0} of acc_norm and {policy.DifferenceBytes!.Points:+0.0;-0.0;0.0} of acc_bytes from 16 bits on {report.ItemsDone} items (exact McNemar p {policy.Difference.PValue:0.000}, {policy.DifferenceNorm.PValue:0.000} and {policy.DifferenceBytes.PValue:0.000}) at {policy.EffectiveBits:0.00} allocated bits"),
    ];

    /// <summary>The figures by policy, as a JSON document.</summary>
    public static string Json(EvaluationReport report)
    {
        JsonObject metrics = new() { ["items"] = report.ItemsDone };
        foreach (PolicySummary policy in report.Policies)
        {
            JsonObject quality = policy.Perplexity is { } perplexity
                ? new() { ["perplexity"] = Rounded(perplexity) }
                : new() { ["acc"] = Rounded(policy.Accuracy.Value), ["acc_norm"] = Rounded(policy.AccuracyNorm.Value), ["acc_bytes"] = Rounded(policy.AccuracyBytes.Value) };
            quality["effective_bits"] = Rounded(policy.EffectiveBits);
            quality["kl"] = Rounded(policy.Divergence?.Kl);
            quality["top_agreement"] = Rounded(policy.Divergence?.TopAgreement.Value);
            metrics[policy.Policy] = quality;
        }

        foreach (PolicySummary policy in report.Policies.Where(policy => policy.Target is not null))
        {
            metrics[policy.Policy]!["target_error"] = Rounded(policy.Target!.Error);
        }

        foreach (PolicyComparison comparison in report.Comparisons ?? [])
        {
            metrics[comparison.Policy]![ArenaPlan.IsOneTier(comparison.Chance) ? "kl_change_from_one_tier" : "kl_change_from_chance"] = Rounded(comparison.Change);
            if (comparison.Gap is { } gap)
            {
                metrics[comparison.Policy]!["oracle_gap_closed"] = Rounded(gap.Value);
            }
        }

        return metrics.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    private static JsonNode? Rounded(double? value) => value is { } known ? Math.Round(known, 6) : null;
}
