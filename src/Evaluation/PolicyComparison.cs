using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using AdaptiveKv.Evaluation.Statistics;
using MathNet.Numerics.Distributions;

namespace AdaptiveKv.Evaluation;

/// <summary>A policy against chance at the same target of bits, paired by item; chance is the mean over its seeds.</summary>
/// <param name="Target">Effective bits that both aim at.</param>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Chance">Name of chance without its seed; at the bits of a single tier that tier's static policy, as nothing is left to chance.</param>
/// <param name="Kl">Its mean KL per prediction, nats.</param>
/// <param name="EffectiveBits">Its effective bits as measured.</param>
/// <param name="ChanceKl">Mean KL of chance.</param>
/// <param name="ChanceKlDeviation">Standard deviation of that over seeds; null for a single seed.</param>
/// <param name="ChanceBits">Effective bits of chance.</param>
/// <param name="Seeds">Seeds of chance.</param>
/// <param name="Change">Kl / ChanceKl - 1.</param>
/// <param name="ChangeLow">Lower end of its 95 % interval over items.</param>
/// <param name="ChangeHigh">Upper end.</param>
/// <param name="PValue">Two-sided, that neither is lower on an item more often and by more (Wilcoxon's signed ranks of the items' mean KL).</param>
public sealed partial record PolicyComparison(
    double Target,
    string Policy,
    string Chance,
    double Kl,
    double EffectiveBits,
    double ChanceKl,
    double? ChanceKlDeviation,
    double ChanceBits,
    int Seeds,
    double Change,
    double ChangeLow,
    double ChangeHigh,
    double PValue)
{
    private const double Significant = 0.01;

    /// <summary>Share of the way from chance to the oracle, (chance - policy) / (chance - oracle) in mean KL; null where no oracle took part.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GapShare? Gap { get; init; }

    /// <summary>Compares results on the same items in the same order, all with divergences.</summary>
    /// <param name="target">Effective bits that all aim at.</param>
    /// <param name="policy">The policy's.</param>
    /// <param name="chance">The results of each seed.</param>
    /// <param name="oracle">The oracle's results; null without one.</param>
    internal static PolicyComparison Of(
        double target, IReadOnlyList<ItemResult> policy, IReadOnlyList<IReadOnlyList<ItemResult>> chance, IReadOnlyList<ItemResult>? oracle = null)
    {
        double[] sizes = [.. policy.Select(result => (double)result.Divergence!.Value.Predictions)];
        double[] own = [.. policy.Select(result => result.Divergence!.Value.Kl)];
        double[] other = [.. Enumerable.Range(0, own.Length).Select(item => chance.Average(seed => seed[item].Divergence!.Value.Kl))];
        double kl = RatioMean.Of(own, sizes).Value;
        double chanceKl = RatioMean.Of(other, sizes).Value;

        // The ratio of two means of the same items, linearized.
        double ratio = kl / chanceKl;
        double error = RatioMean.Of([.. own.Zip(other, (mine, theirs) => (mine - (ratio * theirs)) / chanceKl)], sizes).HalfInterval;
        return new PolicyComparison(
            target,
            policy[0].Policy,
            SeedOf().Replace(chance[0][0].Policy, string.Empty),
            kl,
            Bits(policy),
            chanceKl,
            Deviation([.. chance.Select(seed => RatioMean.Of([.. seed.Select(result => result.Divergence!.Value.Kl)], sizes).Value)]),
            chance.Average(Bits),
            chance.Count,
            ratio - 1,
            ratio - 1 - error,
            ratio - 1 + error,
            SignedRank.PValue(own.Select((mine, item) => (mine - other[item]) / sizes[item])))
        {
            Gap = oracle is null || oracle[0].Policy == policy[0].Policy ? null : GapShare.Of(own, other, [.. oracle.Select(result => result.Divergence!.Value.Kl)], sizes),
        };
    }

    /// <summary>The comparison in words.</summary>
    internal string Text()
    {
        string gap = Gap is { } share ? $", {100 * share.Value:0} % [{100 * share.Low:0}, {100 * share.High:0}] of the way to the oracle" : "";
        string seeds = ChanceKlDeviation is { } deviation
            ? $", {Seeds} seeds of chance with a 95 % interval over them of {ChanceKl - OverSeeds(deviation):0.0000} to {ChanceKl + OverSeeds(deviation):0.0000}"
            : "";
        string figures = $"(KL {Kl:0.0000} against {ChanceKl:0.0000}; 95 % interval {100 * ChangeLow:+0;-0;0} to {100 * ChangeHigh:+0;-0;0} %, p {(PValue < 0.001 ? "< 0.001" : $"= {PValue:0.000}")}{seeds}{gap}; {Allocated()})";
        return (PValue < Significant, ChangeHigh < 0, ChangeLow > 0) switch
        {
            (true, true, _) => $"{Policy} beats {Chance} at {Target:0.##} bits of coded tokens: its KL is {-100 * Change:0} % lower {figures}",
            (_, _, true) => $"{Policy} is worse than {Chance} at {Target:0.##} bits of coded tokens: its KL is {100 * Change:0} % higher {figures}",
            _ => $"{Policy} is not shown to beat {Chance} at {Target:0.##} bits of coded tokens {figures}",
        };
    }

    // Equal bits are those of coded tokens; the memory also holds sinks, windows and the room that open units leave, which differ with the number of tiers.
    private string Allocated()
    {
        double more = 100 * ((EffectiveBits / ChanceBits) - 1);
        string difference = Math.Abs(more) < 1 ? "the same" : $"{Math.Abs(more):0} % {(more > 0 ? "more" : "less")}";
        return $"of memory it takes {difference}, {EffectiveBits:0.00} bits against {ChanceBits:0.00}";
    }

    // Student's interval of the mean of the seeds.
    private double OverSeeds(double deviation) => StudentT.InvCDF(0, 1, Seeds - 1, 0.975) * deviation / Math.Sqrt(Seeds);

    [GeneratedRegex("@[0-9]+")]
    private static partial Regex SeedOf();

    private static double Bits(IReadOnlyList<ItemResult> results) =>
        results.Sum(result => result.EffectiveBits * result.CachedTokens) / results.Sum(result => (double)result.CachedTokens);

    private static double? Deviation(double[] values)
    {
        double mean = values.Average();
        return values.Length > 1 ? Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)) : null;
    }
}
