using AdaptiveKv.Evaluation.Plots;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>Divergence and accuracy of each policy against the bits it needs, and policies against each other.</summary>
internal static class QualityFigures
{
    // What the comparison in float can tell from nothing; the reference itself lies below it.
    private const double LeastKl = 1e-7;

    private const string Bits = "effective bits (logarithmic)";

    /// <param name="report">What was measured.</param>
    /// <param name="second">What the policies of the second of two runs end with; null for one run.</param>
    public static IEnumerable<ReportFigure> Of(EvaluationReport report, string? second = null)
    {
        if (report.Policies.Any(policy => policy.Divergence is not null))
        {
            yield return Divergence(report, second);
        }

        yield return report.Unit == EvaluationUnit.Text ? Perplexity(report) : Accuracy(report, second);
        if (report.Comparisons is { Count: > 0 } comparisons)
        {
            yield return Compared(comparisons);
        }
    }

    private static ReportFigure Divergence(EvaluationReport report, string? second)
    {
        bool hasTarget = report.Policies.Any(policy => policy.Target is not null);
        TextTable table = new(["policy", "bits", .. hasTarget ? (string[])["coded", "off"] : [], "KL (nats)", "95 % interval", "top-1"]);
        List<PlotSeries> all = [];
        foreach (PolicySummary policy in report.Policies)
        {
            PolicyDivergence? divergence = policy.Divergence;
            string[] target = [Cell.Number(policy.Target?.Coded, "0.00"), policy.Target is { } wanted ? $"{Cell.Difference(100 * wanted.Error, null, "0.0")} %" : Cell.None];
            table.Add(
            [
                policy.Policy,
                Cell.Number(policy.EffectiveBits, "0.00"),
                .. hasTarget ? target : [],
                Cell.Number(divergence?.Kl, "0.00000"),
                Cell.Interval(divergence?.Low, divergence?.High, "0.00000"),
                divergence is null ? Cell.None : $"{100 * divergence.TopAgreement.Value:0.0} %",
            ]);
            if (divergence is { Kl: > LeastKl } && HasPlace(policy))
            {
                all.Add(Point(policy, second, divergence.Kl, divergence.Low, divergence.High));
            }
        }

        IReadOnlyList<PlotSeries> series = SeedsAsOne(all);
        const string Title = "Divergence from 16 bits";
        // Ratios are what differs between policies; a policy at zero, such as the reference itself, has no place on that axis.
        bool isLogarithmic = series.Any(one => one.Points[0].Y > 0);
        string yName = isLogarithmic ? "KL per token (nats, logarithmic)" : "KL per token (nats)";
        ScatterPlot plot = new(Title, Say("KL per token in nats", series, lessIsBetter: true), Bits, yName, series)
        {
            IsYLogarithmic = isLogarithmic,
        };
        string note = "KL(16 bits || policy) per token with its 95 % interval, down is better; top-1: tokens with the same likeliest next token. "
            + (hasTarget ? "coded: effective bits of coded tokens, without sinks and unused room; off: how far from the bits the policy's name asks for. " : "")
            + "The dashed line joins the policies that no other beats on both axes; seeds of chance are drawn as one point; policies below 1e-7 are not drawn.";
        return new ReportFigure(Title, note, table) { Pictures = series.Count == 0 ? [] : [plot] };
    }

    private static ReportFigure Accuracy(EvaluationReport report, string? second)
    {
        TextTable table = new("policy", "bits", "B/token", "acc", "95 % interval", "d acc", "p", "acc_norm", "95 % interval", "d acc_norm", "p", "acc_bytes", "95 % interval", "d acc_bytes", "p");
        foreach (PolicySummary policy in report.Policies)
        {
            table.Add(
                policy.Policy,
                Cell.Number(policy.EffectiveBits, "0.00"),
                Cell.Number(policy.KvBytesPerToken, "0"),
                $"{100 * policy.Accuracy.Value:0.0}",
                Interval(policy.Accuracy),
                Cell.Difference(policy.Difference?.Points, policy.Difference?.StandardError, "0.0"),
                Cell.PValue(policy.Difference?.PValue),
                $"{100 * policy.AccuracyNorm.Value:0.0}",
                Interval(policy.AccuracyNorm),
                Cell.Difference(policy.DifferenceNorm?.Points, policy.DifferenceNorm?.StandardError, "0.0"),
                Cell.PValue(policy.DifferenceNorm?.PValue),
                $"{100 * policy.AccuracyBytes.Value:0.0}",
                Interval(policy.AccuracyBytes),
                Cell.Difference(policy.DifferenceBytes?.Points, policy.DifferenceBytes?.StandardError, "0.0"),
                Cell.PValue(policy.DifferenceBytes?.PValue));
        }

        string note = $"Percent of {report.ItemsDone} items answered right with 95 % intervals (Wilson), up is better; acc_norm: by log-likelihood per character, acc_bytes: per byte. "
            + $"d: points from {PolicySummary.Baseline} on the same items, which are far more certain than the intervals; p: exact McNemar test.";
        return new ReportFigure("Accuracy", note, table)
        {
            Pictures = [Plot(report, second, "acc", policy => policy.Accuracy), Plot(report, second, "acc_norm", policy => policy.AccuracyNorm)],
        };
    }

    private static ReportFigure Perplexity(EvaluationReport report)
    {
        TextTable table = new("policy", "bits", "B/token", "perplexity");
        foreach (PolicySummary policy in report.Policies)
        {
            table.Add(policy.Policy, Cell.Number(policy.EffectiveBits, "0.00"), Cell.Number(policy.KvBytesPerToken, "0"), Cell.Number(policy.Perplexity, "0.000"));
        }

        return new ReportFigure("Perplexity", $"Of {report.ItemsDone} texts, each from an empty cache: exp of the mean -log-likelihood per token, down is better.", table);
    }

    private static ScatterPlot Plot(EvaluationReport report, string? second, string measure, Func<PolicySummary, Proportion> of)
    {
        IReadOnlyList<PlotSeries> series = SeedsAsOne(report.Policies.Where(HasPlace).Select(policy => Point(policy, second, 100 * of(policy).Value, 100 * of(policy).Lower, 100 * of(policy).Upper)));
        return new ScatterPlot($"{measure} against effective bits", Say($"{measure} in percent", series, lessIsBetter: false), Bits, $"{measure} (percent)", series) { MoreIsBetter = true };
    }

    // On the logarithmic axis: one that drops every token has none.
    private static bool HasPlace(PolicySummary policy) => policy.EffectiveBits >= EvaluationLimits.Least;

    private static PlotSeries Point(PolicySummary policy, string? second, double value, double? low, double? high) =>
        PolicyStyle.Series(policy.Policy, new PlotPoint(policy.EffectiveBits, value, low, high)) with { IsHollow = second is not null && policy.Policy.EndsWith(second, StringComparison.Ordinal) };

    // Their mean, with the ends of all their intervals.
    private static IReadOnlyList<PlotSeries> SeedsAsOne(IEnumerable<PlotSeries> series) =>
    [
        .. series.GroupBy(one => PolicyComparison.WithoutSeed(one.Name)).Select(seeds => seeds.Count() == 1 ? seeds.First() : seeds.First() with
        {
            Name = $"{seeds.Key}, {seeds.Count()} seeds",
            Points = [new PlotPoint(seeds.Average(one => one.Points[0].X), seeds.Average(one => one.Points[0].Y), seeds.Min(one => one.Points[0].Low), seeds.Max(one => one.Points[0].High))],
        }),
    ];

    private static ReportFigure Compared(IReadOnlyList<PolicyComparison> comparisons)
    {
        TextTable table = new("target bits", "policy", "bits", "KL (nats)", "against", "bits", "KL (nats)", "seeds", "change", "95 % interval", "p", "to the oracle");
        foreach (PolicyComparison one in comparisons)
        {
            table.Add(
                $"{one.Target:0.##}",
                one.Policy,
                Cell.Number(one.EffectiveBits, "0.00"),
                Cell.Number(one.Kl, "0.00000"),
                one.Chance,
                Cell.Number(one.ChanceBits, "0.00"),
                Cell.Estimate(one.ChanceKl, one.ChanceKlDeviation, "0.00000"),
                $"{one.Seeds}",
                Cell.Change(one.Change),
                Cell.Changes(one.ChangeLow, one.ChangeHigh),
                Cell.PValue(one.PValue),
                one.Gap is { } gap ? $"{100 * gap.Value:0} % ({Cell.Interval(100 * gap.Low, 100 * gap.High, "0")})" : Cell.None);
        }

        const string Note = "Each policy against chance at the same target of bits, on the same items; where a tier has just these bits, against all tokens in that tier. "
            + "KL of chance: mean over seeds and its standard deviation; change: of the mean KL, with its 95 % interval over items (of the logarithm of the ratio); p: Wilcoxon's signed ranks of the items; "
            + "to the oracle: share of the way from chance to the policy that knows what every token costs, with its 95 % interval (Fieller). A difference is "
            + ComparisonVerdict.Rule + ".";
        PlotSeries[] changes =
        [
            .. from one in comparisons
               where one.Change is not null
               select PolicyStyle.Series(one.Policy, new PlotPoint(0, 100 * one.Change!.Value, 100 * one.ChangeLow, 100 * one.ChangeHigh)) with { Name = $"{one.Policy} to {one.Chance}" },
        ];
        return new ReportFigure("Against chance at equal bits", Note, table)
        {
            Pictures = changes.Length == 0 ? [] : [new IntervalPlot("Change of KL at equal bits", SayChanges(comparisons), "change of KL (percent; less is better)", changes)],
        };
    }

    private static string SayChanges(IReadOnlyList<PolicyComparison> comparisons) => string.Join(
        "; ", comparisons.Select(one => $"{one.Policy} to {one.Chance}: {Cell.Change(one.Change)}, 95 % interval {Cell.Changes(one.ChangeLow, one.ChangeHigh)}"));

    private static string Interval(Proportion share) => $"{100 * share.Lower:0.0} to {100 * share.Upper:0.0}";

    private static string Say(string measure, IReadOnlyList<PlotSeries> series, bool lessIsBetter)
    {
        if (series.Count == 0)
        {
            return measure;
        }

        PlotSeries best = lessIsBetter ? series.MinBy(one => one.Points[0].Y)! : series.MaxBy(one => one.Points[0].Y)!;
        PlotSeries worst = lessIsBetter ? series.MaxBy(one => one.Points[0].Y)! : series.MinBy(one => one.Points[0].Y)!;
        return $"{measure} of {series.Count} policies by effective bits: the best is {best.Name} with {best.Points[0].Y:0.####}, the worst {worst.Name} with {worst.Points[0].Y:0.####}.";
    }
}
