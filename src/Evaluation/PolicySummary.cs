using System.Text.Json.Serialization;
using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Evaluation;

/// <summary>What one policy achieved over all items: a row of the table.</summary>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Accuracy">acc: the largest summed log-likelihood is the label's.</param>
/// <param name="AccuracyNorm">acc_norm: the largest log-likelihood per character is the label's.</param>
/// <param name="AccuracyBytes">acc_bytes: the largest log-likelihood per byte is the label's.</param>
/// <param name="Difference">acc against the baseline on the same items; null for the baseline, or without it.</param>
/// <param name="DifferenceNorm">acc_norm against the baseline.</param>
/// <param name="DifferenceBytes">acc_bytes against the baseline.</param>
/// <param name="EffectiveBits">Mean over items of the bits per stored element, weighted by cached tokens.</param>
/// <param name="NominalBits">Mean of key and value bits over the tokens.</param>
/// <param name="KvBytesPerToken">Allocated cache bytes per cached token.</param>
/// <param name="MsPerToken">Median over items of wall milliseconds per token fed to the model; null where times were not kept.</param>
/// <param name="MsPerTokenP95">95 % point of the same.</param>
/// <param name="Tiers">Tokens by tier.</param>
public sealed record PolicySummary(
    string Policy,
    Proportion Accuracy,
    Proportion AccuracyNorm,
    Proportion AccuracyBytes,
    PairedDifference? Difference,
    PairedDifference? DifferenceNorm,
    PairedDifference? DifferenceBytes,
    double EffectiveBits,
    double NominalBits,
    double KvBytesPerToken,
    double? MsPerToken,
    double? MsPerTokenP95,
    IReadOnlyDictionary<string, long> Tiers)
{
    /// <summary>Distance of its predictions from the 16-bit cache's; null where it was not measured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PolicyDivergence? Divergence { get; init; }

    /// <summary>exp of the mean -log-likelihood per token, where items are texts; null where they have endings to choose from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Perplexity { get; init; }

    /// <summary>The bits its name asks for, and what came of them; null where it asks for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BitTarget? Target { get; init; }

    /// <summary>The policy the others are compared with, where it takes part.</summary>
    public const string Baseline = "static-16";

    /// <summary>Summarizes one policy's results.</summary>
    /// <param name="results">At least one, all of one policy.</param>
    /// <param name="baseline">The baseline's results on the same items in the same order; null without one.</param>
    internal static PolicySummary Of(IReadOnlyList<ItemResult> results, IReadOnlyList<ItemResult>? baseline)
    {
        string policy = results[0].Policy;
        IReadOnlyList<ItemResult>? other = policy == Baseline ? null : baseline;
        var tiers = new TierHistogram();
        foreach (ItemResult result in results)
        {
            tiers.Add(result.TierCounts);
        }

        double cachedTokens = results.Sum(result => (double)result.CachedTokens);
        double[] msPerToken = [.. results.Where(result => result.Milliseconds is not null).Select(result => result.Milliseconds!.Value / result.Tokens)];
        return new PolicySummary(
            policy,
            new Proportion(results.Count(result => result.IsRight), results.Count),
            new Proportion(results.Count(result => result.IsRightNorm), results.Count),
            new Proportion(results.Count(result => result.IsRightBytes), results.Count),
            Compare(results, other, result => result.IsRight),
            Compare(results, other, result => result.IsRightNorm),
            Compare(results, other, result => result.IsRightBytes),
            results.Sum(result => result.EffectiveBits * result.CachedTokens) / cachedTokens,
            tiers.NominalBits,
            results.Sum(result => (double)result.CacheBytes) / cachedTokens,
            msPerToken.Length > 0 ? Quantile.Median(msPerToken) : null,
            msPerToken.Length > 0 ? Quantile.P95(msPerToken) : null,
            tiers.ByName())
        {
            Perplexity = results.All(result => result.LogLikelihood.Length == 1)
                ? Math.Exp(-results.Sum(result => result.LogLikelihood[0]) / results.Sum(result => (double)result.EndingTokens[0]))
                : null,
            Target = BitTarget.Of(policy, tiers, results.Count),
            Divergence = results.All(result => result.Divergence is not null) ? PolicyDivergence.Of([.. results.Select(result => result.Divergence!.Value)]) : null,
        };
    }

    private static PairedDifference? Compare(IReadOnlyList<ItemResult> results, IReadOnlyList<ItemResult>? baseline, Func<ItemResult, bool> isRight) =>
        baseline is null ? null : PairedDifference.Between([.. results.Select(isRight)], [.. baseline.Select(isRight)]);
}
