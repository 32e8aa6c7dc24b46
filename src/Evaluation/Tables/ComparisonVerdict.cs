using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>
/// A comparison in words. A difference is shown where two tests agree: the 95 % interval of the ratio of the means leaves no change out, and Wilcoxon's signed ranks
/// of the items give p below 0.01. Where they do not agree the sentence says which of the two says what.
/// </summary>
internal static class ComparisonVerdict
{
    /// <summary>What counts as shown, for the notes below verdicts.</summary>
    public const string Rule =
        "shown: the 95 % interval over items of the ratio of the mean KLs leaves out 0 %, and Wilcoxon's signed ranks of the items' KL have p < 0.01";

    /// <summary>What comparisons of one controller come to, for who reads no further.</summary>
    public static string InShort(IEnumerable<PolicyComparison> comparisons) =>
        $"In short: with its bits chosen token by token the cache changes the model's predictions {string.Join(", and ", comparisons.Select(Short))}.";

    /// <summary>One line.</summary>
    public static string Of(PolicyComparison one) => Line(one, $"{one.Chance} at {one.Target:0.##} bits of coded tokens");

    /// <summary>One line, of a comparison with the best static policy of the same memory.</summary>
    public static string OfMemory(PolicyComparison one) => Line(one, $"{one.Chance}, the best static policy here that takes as much memory or less");

    private static string Line(PolicyComparison one, string other) => $"{one.Policy} {Claim(one, other)} ({string.Join("; ", Figures(one))})";

    private static string Short(PolicyComparison one)
    {
        string less = (Mean(one), Ranks(one)) switch
        {
            (-1, -1) => $"{-100 * one.Change:0} % less",
            (1, 1) => $"{100 * one.Change:0} % more",
            _ => "not visibly less",
        };
        string bits = $"{one.Target:0.##} bits of coded tokens {(PolicyCatalog.IsChance(one.Chance) ? "dealt by chance" : "for every token")}";
        return $"{less} than with the same {bits} ({one.Chance}), in {Memory(one)} memory";
    }

    private static string Claim(PolicyComparison one, string other)
    {
        if (one.Change is not { } change)
        {
            return $"cannot be compared with {other}: {one.Chance} has no KL at all";
        }

        string carried = one.ItemsOfHalf is { } few ? $" ({few} of {one.Items} items carry half of the KL)" : "";
        return (Mean(one), Ranks(one)) switch
        {
            (-1, -1) => $"beats {other}: its mean KL is {-100 * change:0} % lower",
            (1, 1) => $"is worse than {other}: its mean KL is {100 * change:0} % higher",
            (-1, 0) => $"is not shown to beat {other}: its mean KL is lower, but the items' ranks do not tell the two apart{carried}",
            (0, -1) => $"is not shown to beat {other}: its KL is lower on most items by rank, but the interval of the mean holds 0 %{carried}",
            (1, 0) => $"is not shown to be worse than {other}: its mean KL is higher, but the items' ranks do not tell the two apart{carried}",
            (0, 1) => $"is not shown to be worse than {other}: its KL is higher on most items by rank, but the interval of the mean holds 0 %{carried}",
            (-1, 1) => $"is not shown to beat {other}: its mean KL is lower, but on most items by rank it is higher",
            (1, -1) => $"is not shown to be worse than {other}: its mean KL is higher, but on most items by rank it is lower",
            _ => $"is not shown to differ from {other}: neither the mean KL nor the items' ranks tell the two apart",
        };
    }

    private static int Mean(PolicyComparison one) => one.ChangeHigh < 0 ? -1 : one.ChangeLow > 0 ? 1 : 0;

    // Files of before the balance was kept: the ranks then were taken to agree with the mean.
    private static int Ranks(PolicyComparison one) => one.PValue < PolicyComparison.Significant ? Math.Sign(one.RankBalance ?? one.Change ?? 0) : 0;

    private static IEnumerable<string> Figures(PolicyComparison one)
    {
        yield return $"KL {one.Kl:0.0000} against {one.ChanceKl:0.0000}";
        if (one.Change is { } change)
        {
            string over = one.Items is { } items ? $" over {RunLines.Count(items, "item")}" : "";
            yield return $"change {Cell.Change(change)}, {(one.ChangeLow is null ? "no interval" : $"95 % interval{over} {Cell.Changes(one.ChangeLow, one.ChangeHigh)}")}";
        }

        yield return $"Wilcoxon's signed ranks p {(one.PValue < 0.001 ? "< 0.001" : $"= {one.PValue:0.000}")}";
        if (one.ChanceInterval() is { } seeds)
        {
            yield return $"95 % interval over {one.Seeds} seeds of chance {seeds.Low:0.0000} to {seeds.High:0.0000}";
        }

        if (one.Gap is { } gap)
        {
            yield return $"{100 * gap.Value:0} % [{(gap.Low is null ? "no bound" : $"{100 * gap.Low:0}, {100 * gap.High:0}")}] of the way to the oracle";
        }

        yield return $"of memory it takes {Memory(one)}, {one.EffectiveBits:0.00} bits against {one.ChanceBits:0.00}";
    }

    // Equal bits are those of coded tokens; the memory also holds sinks, windows and what pages of long sequences leave.
    private static string Memory(PolicyComparison one)
    {
        double more = 100 * ((one.EffectiveBits / one.ChanceBits) - 1);
        return Math.Abs(more) < 1 ? "the same" : $"{Math.Abs(more):0} % {(more > 0 ? "more" : "less")}";
    }
}
