using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>Where the numbers of an evaluation can lie.</summary>
internal static class EvaluationLimits
{
    // Above 0: what is divided by, or has a place on a logarithmic axis.
    public const double Least = 0.001;

    public static IEnumerable<FigureLimit> Of(EvaluationReport report)
    {
        yield return new("items_in_file", report.ItemsInFile);
        yield return new("items_done", report.ItemsDone);
        yield return new("seconds", report.Seconds);
        foreach (FigureLimit limit in report.Policies.SelectMany((policy, index) => Of(policy, $"policies[{index}].")))
        {
            yield return limit;
        }

        foreach (FigureLimit limit in (report.Comparisons ?? []).SelectMany((one, index) => Of(one, $"comparisons[{index}].")))
        {
            yield return limit;
        }

        foreach (FigureLimit limit in (report.EqualMemory ?? []).SelectMany((one, index) => Of(one, $"equal_memory[{index}].")))
        {
            yield return limit;
        }
    }

    private static IEnumerable<FigureLimit> Of(PolicySummary policy, string at) =>
    [
        .. Of(policy.Accuracy, $"{at}accuracy."),
        .. Of(policy.AccuracyNorm, $"{at}accuracy_norm."),
        .. Of(policy.AccuracyBytes, $"{at}accuracy_bytes."),
        .. Of(policy.Difference, $"{at}difference."),
        .. Of(policy.DifferenceNorm, $"{at}difference_norm."),
        .. Of(policy.DifferenceBytes, $"{at}difference_bytes."),
        new($"{at}effective_bits", policy.EffectiveBits),
        new($"{at}nominal_bits", policy.NominalBits),
        new($"{at}kv_bytes_per_token", policy.KvBytesPerToken),
        new($"{at}ms_per_token", policy.MsPerToken),
        new($"{at}ms_per_token_p95", policy.MsPerTokenP95),
        new($"{at}perplexity", policy.Perplexity, 1),
        new($"{at}target.wanted", policy.Target?.Wanted, Least),
        new($"{at}target.coded", policy.Target?.Coded, Least),
        .. policy.Tiers.Select(tier => new FigureLimit($"{at}tiers.{tier.Key}", tier.Value)),
        .. policy.Divergence is { } divergence ? Of(divergence, $"{at}divergence.") : [],
    ];

    private static IEnumerable<FigureLimit> Of(PolicyDivergence divergence, string at) =>
    [
        new($"{at}kl", divergence.Kl),
        new($"{at}low", divergence.Low, 0, divergence.Kl),
        new($"{at}high", divergence.High, divergence.Kl),
        .. Of(divergence.TopAgreement, $"{at}top_agreement."),
    ];

    // Files of before the number of items was kept have symmetric intervals, whose lower end can lie anywhere.
    private static IEnumerable<FigureLimit> Of(PolicyComparison one, string at) =>
    [
        new($"{at}target", one.Target, Least),
        new($"{at}kl", one.Kl),
        new($"{at}effective_bits", one.EffectiveBits, Least),
        new($"{at}chance_kl", one.ChanceKl),
        new($"{at}chance_kl_deviation", one.ChanceKlDeviation),
        new($"{at}chance_bits", one.ChanceBits, Least),
        new($"{at}seeds", one.Seeds, 1),
        new($"{at}change", one.Change, -1),
        new($"{at}change_low", one.ChangeLow, one.Items is null ? -FigureLimit.Most : -1, one.Change ?? FigureLimit.Most),
        new($"{at}change_high", one.ChangeHigh, one.Change ?? -1),
        new($"{at}p_value", one.PValue, 0, 1),
        new($"{at}rank_balance", one.RankBalance, -1, 1),
        new($"{at}items", one.Items, 1),
    ];

    private static IEnumerable<FigureLimit> Of(Proportion share, string at) => [new($"{at}count", share.Count, 1), new($"{at}successes", share.Successes, 0, share.Count)];

    private static IEnumerable<FigureLimit> Of(PairedDifference? difference, string at) => difference is null ? [] :
    [
        new($"{at}count", difference.Count, 1),
        new($"{at}gained", difference.Gained, 0, difference.Count),
        new($"{at}lost", difference.Lost, 0, difference.Count - difference.Gained),
    ];
}
