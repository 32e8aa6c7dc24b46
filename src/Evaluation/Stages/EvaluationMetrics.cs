using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>What an evaluation comes to: comparisons with chance, a verdict in words, and the figures that gates read.</summary>
internal static class EvaluationMetrics
{
    /// <summary>Compares every policy of a target with the mean of chance at it.</summary>
    public static IReadOnlyList<PolicyComparison> Compare(ArenaPlan plan, IReadOnlyList<ItemResult> results)
    {
        Dictionary<string, ItemResult[]> byPolicy = results.GroupBy(result => result.Policy).ToDictionary(group => group.Key, group => group.ToArray());
        List<PolicyComparison> comparisons = [];
        foreach ((double bits, IReadOnlyList<string> names) in plan.Targets)
        {
            ItemResult[][] chance = [.. names.Where(IsChance).Select(name => byPolicy[name])];
            comparisons.AddRange(names.Where(name => !IsChance(name)).Select(name => PolicyComparison.Of(bits, byPolicy[name], chance)));
        }

        return comparisons;
    }

    /// <summary>Whether each learned policy beats chance, and what it costs against 16 bits.</summary>
    public static IReadOnlyList<string> Verdict(EvaluationReport report) =>
    [
        .. (report.Comparisons ?? []).Where(comparison => comparison.Policy.StartsWith("learned", StringComparison.Ordinal)).Select(comparison => comparison.Text()),
        .. report.Policies.Where(policy => policy.Policy.StartsWith("learned", StringComparison.Ordinal) && policy.Difference is not null).Select(policy =>
            $"{policy.Policy}: {policy.Difference!.Points:+0.0;-0.0;0.0} points of acc and {policy.DifferenceNorm!.Points:+0.0;-0.0;0.0} of acc_norm from 16 bits on {report.ItemsDone} items (p {policy.Difference.PValue:0.000} and {policy.DifferenceNorm.PValue:0.000}) at {policy.EffectiveBits:0.00} effective bits"),
    ];

    /// <summary>The figures by policy, as a JSON document.</summary>
    public static string Json(EvaluationReport report)
    {
        JsonObject metrics = new() { ["items"] = report.ItemsDone };
        foreach (PolicySummary policy in report.Policies)
        {
            metrics[policy.Policy] = new JsonObject
            {
                ["acc"] = Rounded(policy.Accuracy.Value),
                ["acc_norm"] = Rounded(policy.AccuracyNorm.Value),
                ["effective_bits"] = Rounded(policy.EffectiveBits),
                ["kl"] = Rounded(policy.Divergence?.Kl),
                ["top_agreement"] = Rounded(policy.Divergence?.TopAgreement.Value),
            };
        }

        foreach (PolicySummary policy in report.Policies.Where(policy => policy.Target is not null))
        {
            metrics[policy.Policy]!["target_error"] = Rounded(policy.Target!.Error);
        }

        foreach (PolicyComparison comparison in report.Comparisons ?? [])
        {
            metrics[comparison.Policy]!["kl_change_from_chance"] = Rounded(comparison.Change);
        }

        return metrics.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    private static bool IsChance(string name) => name.StartsWith(ArenaPlan.Chance, StringComparison.Ordinal);

    private static JsonNode? Rounded(double? value) => value is { } known ? Math.Round(known, 6) : null;
}
