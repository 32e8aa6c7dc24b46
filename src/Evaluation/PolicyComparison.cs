using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using AdaptiveKv.Evaluation.Statistics;

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
/// <param name="Change">Kl / ChanceKl - 1; null where chance has no KL.</param>
/// <param name="ChangeLow">Lower end of its 95 % interval over items, above -1; null where there is none (<see cref="MeanRatio"/>).</param>
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
    double? Change,
    double? ChangeLow,
    double? ChangeHigh,
    double PValue)
{
    /// <summary>A test of ranks below this counts.</summary>
    internal const double Significant = 0.01;

    /// <summary>Share of the ranks of items on which the policy's KL is higher, less those on which it is lower: -1 to 1. Null in files of before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RankBalance { get; init; }

    /// <summary>Items that were compared; null in files of before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Items { get; init; }

    /// <summary>Fewest of them that carry half of the KL, the policy's and chance's together; null in files of before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ItemsOfHalf { get; init; }

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
        MeanRatio? ratio = MeanRatio.Of(own, other);
        SignedRank ranks = SignedRank.Of(own.Select((mine, item) => (mine - other[item]) / sizes[item]));
        return new PolicyComparison(
            target,
            policy[0].Policy,
            WithoutSeed(chance[0][0].Policy),
            RatioMean.Of(own, sizes).Value,
            Bits(policy),
            RatioMean.Of(other, sizes).Value,
            Deviation([.. chance.Select(seed => RatioMean.Of([.. seed.Select(result => result.Divergence!.Value.Kl)], sizes).Value)]),
            chance.Average(Bits),
            chance.Count,
            ratio?.Value - 1,
            ratio?.Low - 1,
            ratio?.High - 1,
            ranks.PValue)
        {
            RankBalance = ranks.Balance,
            Items = own.Length,
            ItemsOfHalf = CarryingHalf([.. own.Zip(other, (mine, theirs) => mine + theirs)]),
            Gap = oracle is null || oracle[0].Policy == policy[0].Policy ? null : GapShare.Of(own, other, [.. oracle.Select(result => result.Divergence!.Value.Kl)]),
        };
    }

    /// <summary>95 % interval of chance's mean KL over its seeds; null for a single seed.</summary>
    internal (double Low, double High)? ChanceInterval()
    {
        if (ChanceKlDeviation is not { } deviation || Seeds < 2)
        {
            return null;
        }

        double half = Student.Reach95(Seeds - 1) * deviation / Math.Sqrt(Seeds);
        return (Math.Max(0, ChanceKl - half), ChanceKl + half);
    }

    /// <summary>The name of chance, whatever its seed.</summary>
    internal static string WithoutSeed(string policy) => SeedOf().Replace(policy, string.Empty);

    [GeneratedRegex("@[0-9]+")]
    private static partial Regex SeedOf();

    private static double Bits(IReadOnlyList<ItemResult> results) =>
        results.Sum(result => result.EffectiveBits * result.CachedTokens) / results.Sum(result => (double)result.CachedTokens);

    private static int CarryingHalf(double[] totals)
    {
        Array.Sort(totals, (a, b) => b.CompareTo(a));
        double half = totals.Sum() / 2;
        int items = 0;
        for (double sum = 0; items < totals.Length && sum < half; items++)
        {
            sum += totals[items];
        }

        return items;
    }

    private static double? Deviation(double[] values)
    {
        double mean = values.Average();
        return values.Length > 1 ? Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)) : null;
    }
}
