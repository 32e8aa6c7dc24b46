using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>What an evaluation says in words, where nobody judged it: what each policy saves, and what that costs.</summary>
internal static class EvaluationVerdict
{
    private const double Significance = 0.05;

    public static IEnumerable<string> Of(EvaluationReport report)
    {
        PolicySummary? baseline = report.Policies.FirstOrDefault(policy => policy.Policy == PolicySummary.Baseline);
        if (baseline is null)
        {
            yield return $"{PolicySummary.Baseline} was not evaluated: savings and losses cannot be told.";
            yield break;
        }

        foreach (PolicySummary policy in report.Policies.Where(policy => policy.Difference is not null))
        {
            string memory = policy.KvBytesPerToken > 0 ? $"{baseline.KvBytesPerToken / policy.KvBytesPerToken:0.0} times less memory than {PolicySummary.Baseline}" : "no memory at all";
            PairedDifference difference = policy.Difference!;
            string loss = difference.PValue < Significance
                ? $"{Math.Abs(difference.Points):0.0} points {(difference.Points < 0 ? "less" : "more")} accuracy (exact McNemar p = {difference.PValue:0.000}, n = {difference.Count})"
                : $"no change of accuracy that is shown ({difference.Points:+0.0;-0.0;0.0} points, exact McNemar p = {difference.PValue:0.000}, n = {difference.Count})";
            string divergence = policy.Divergence is { } measured ? $", and {measured.Kl:0.0000} nats of KL" : "";
            yield return $"{policy.Policy} keeps {policy.EffectiveBits:0.00} bits per element, {memory}, at {loss}{divergence}.";
        }
    }
}
