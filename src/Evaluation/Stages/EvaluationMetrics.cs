using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdaptiveKv.Evaluation.Statistics;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>What an evaluation comes to: comparisons with chance, a verdict in words, and the figures that gates read.</summary>
internal static class EvaluationMetrics
{
    private static readonly StageMetric Perplexity = new("perplexity", Better.Less, "exp of the mean -log-likelihood per token");
    private static readonly StageMetric Accuracy = new("acc", Better.More, "share of items answered right");
    private static readonly StageMetric AccuracyNorm = new("acc_norm", Better.More, "the same by log-likelihood per character");
    private static readonly StageMetric AccuracyBytes = new("acc_bytes", Better.More, "the same by log-likelihood per byte");
    private static readonly StageMetric EffectiveBits = new("effective_bits", Better.Less, "allocated bits per stored element", "bits");
    private static readonly StageMetric Kl = new("kl", Better.Less, "mean KL(16 bits || policy) per prediction", "nats");
    private static readonly StageMetric TopAgreement = new("top_agreement", Better.More, "share of predictions with the same likeliest token as at 16 bits");
    private static readonly StageMetric TargetError = new("target_error", Better.NearerZero, "coded bits over the bits of the policy's name, less 1");
    private static readonly StageMetric ChangeFromChance = new("kl_change_from_chance", Better.Less, "kl over that of chance at equal bits, less 1");
    private static readonly StageMetric ChangeFromOneTier = new("kl_change_from_one_tier", Better.Less, "kl over that of one tier for all at equal bits, less 1");
    private static readonly StageMetric ChangeFromBestStatic = new("kl_change_from_best_static", Better.Less, "kl over that of the best static policy that takes as much memory or less, less 1");
    private static readonly StageMetric OracleGapClosed = new("oracle_gap_closed", Better.More, "share of the way from chance to the oracle");

    // Equal memory is equal to 1 %.
    private const double SameMemory = 1.01;

    /// <summary>The figures of which one value is better.</summary>
    public static IReadOnlyList<StageMetric> Declared { get; } =
        [Perplexity, Accuracy, AccuracyNorm, AccuracyBytes, EffectiveBits, Kl, TopAgreement, TargetError, ChangeFromChance, ChangeFromOneTier, ChangeFromBestStatic, OracleGapClosed];

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

    /// <summary>Compares every learned policy with the best static one, sinks and window included, of those that take as much memory or less; null where there are none.</summary>
    public static IReadOnlyList<PolicyComparison>? AtEqualMemory(IReadOnlyList<PolicySummary> policies, IReadOnlyList<ItemResult> results)
    {
        ILookup<string, ItemResult> byPolicy = results.ToLookup(result => result.Policy);
        PolicyComparison[] comparisons =
        [
            .. from own in policies
               where PolicyCatalog.IsLearned(own.Policy) && own.Divergence is not null
               let best = policies.Where(other => PolicyCatalog.IsStatic(other.Policy) && other.EffectiveBits <= SameMemory * own.EffectiveBits).MinBy(other => other.Divergence!.Kl)
               where best is not null
               select PolicyComparison.Of(Math.Round(own.EffectiveBits, 2), [.. byPolicy[own.Policy]], [[.. byPolicy[best.Policy]]]),
        ];
        return comparisons.Length > 0 ? comparisons : null;
    }

    /// <summary>Whether each learned policy beats chance, and what it costs against 16 bits; first in short what becomes of the stage's own controller.</summary>
    public static IReadOnlyList<string> Verdict(EvaluationReport report) =>
    [
        .. report.Comparisons?.Where(comparison => PolicyCatalog.IsLearned(comparison.Policy) && !comparison.Policy.Contains(':', StringComparison.Ordinal)).ToArray() is { Length: > 0 } own
            ? (string[])[ComparisonVerdict.InShort(own)]
            : [],
        .. (report.Comparisons ?? []).Where(comparison => PolicyCatalog.IsLearned(comparison.Policy)).Select(ComparisonVerdict.Of),
        .. (report.EqualMemory ?? []).Select(ComparisonVerdict.OfMemory),
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
                ? new() { [Perplexity.Name] = Rounded(perplexity) }
                : new();
            if (policy.Perplexity is null)
            {
                Add(quality, Accuracy, policy.Accuracy);
                Add(quality, AccuracyNorm, policy.AccuracyNorm);
                Add(quality, AccuracyBytes, policy.AccuracyBytes);
            }

            quality[EffectiveBits.Name] = Rounded(policy.EffectiveBits);
            quality[Kl.Name] = Rounded(policy.Divergence?.Kl);
            AddInterval(quality, Kl.Name, policy.Divergence?.Low, policy.Divergence?.High);
            if (policy.Divergence is { } divergence)
            {
                Add(quality, TopAgreement, divergence.TopAgreement);
            }

            metrics[policy.Policy] = quality;
        }

        foreach (PolicySummary policy in report.Policies.Where(policy => policy.Target is not null))
        {
            metrics[policy.Policy]![TargetError.Name] = Rounded(policy.Target!.Error);
        }

        foreach (PolicyComparison comparison in report.Comparisons ?? [])
        {
            string change = ArenaPlan.IsOneTier(comparison.Chance) ? ChangeFromOneTier.Name : ChangeFromChance.Name;
            metrics[comparison.Policy]![change] = Rounded(comparison.Change);
            AddInterval(metrics[comparison.Policy]!, change, comparison.ChangeLow, comparison.ChangeHigh);
            if (comparison.Gap is { } gap)
            {
                metrics[comparison.Policy]![OracleGapClosed.Name] = Rounded(gap.Value);
            }
        }

        foreach (PolicyComparison comparison in report.EqualMemory ?? [])
        {
            metrics[comparison.Policy]![ChangeFromBestStatic.Name] = Rounded(comparison.Change);
            AddInterval(metrics[comparison.Policy]!, ChangeFromBestStatic.Name, comparison.ChangeLow, comparison.ChangeHigh);
        }

        return metrics.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    private static void Add(JsonNode metrics, StageMetric metric, Proportion share)
    {
        metrics[metric.Name] = Rounded(share.Value);
        if (share.StandardError is { } error)
        {
            metrics[$"{metric.Name}_se"] = Rounded(error);
        }
    }

    private static void AddInterval(JsonNode metrics, string name, double? low, double? high)
    {
        if (low is not null && high is not null)
        {
            metrics[$"{name}_low"] = Rounded(low);
            metrics[$"{name}_high"] = Rounded(high);
        }
    }

    private static JsonNode? Rounded(double? value) => value is { } known ? Math.Round(known, 6) : null;
}
