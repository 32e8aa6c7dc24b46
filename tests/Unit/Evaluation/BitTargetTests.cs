using AdaptiveKv.Evaluation;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Evaluation;

public sealed class BitTargetTests
{
    [Theory]
    [InlineData("learned-3", 3, 0)]
    [InlineData("learned-3.25+sinks2", 3.25, 2)]
    [InlineData("learned:rival-4+sinks1", 4, 1)]
    [InlineData("learned:far-away-3.5", 3.5, 0)]
    public void Coded_tokens_are_held_against_the_name(string policy, double wanted, int sinks)
    {
        BitTarget target = BitTarget.Of(policy, Tiers(two: 70, four: 30, sixteen: 5 * sinks), items: 5)!;

        Assert.Equal((wanted, 2.85), (target.Wanted, Math.Round(target.Coded, 9)));
        Assert.Equal((2.85 / wanted) - 1, target.Error, 1e-9);
    }

    /// <summary>A controller may choose 16 bits for a token that is no sink.</summary>
    [Fact]
    public void Only_sinks_are_left_out() => Assert.Equal(9.125, BitTarget.Of("learned-3+sinks1", Tiers(5, 0, 10), items: 5)!.Coded, 1e-9);

    [Theory]
    [InlineData("learned")]
    [InlineData("static-4+sinks1")]
    [InlineData("random-3@1")]
    [InlineData("learned-3+recent8")]
    [InlineData("learned-3+sinks1+escalate5")]
    public void Other_names_promise_nothing(string policy) => Assert.Null(BitTarget.Of(policy, Tiers(1, 1, 1), 1));

    [Fact]
    public void No_coded_token_is_no_result() => Assert.Null(BitTarget.Of("learned-3+sinks1", Tiers(0, 0, 3), 3));

    [Fact]
    public void A_summary_and_its_table_tell_it()
    {
        long[] counts = new long[KvTier.Count];
        (counts[KvTier.Of(BitWidth.Two).Index], counts[KvTier.Of(BitWidth.Four).Index], counts[KvTier.Of(BitWidth.Sixteen).Index]) = (70, 30, 1);
        PolicySummary summary = PolicySummary.Of(
            [new ItemResult("a", "learned-3+sinks1", 0, 0, 0, 0, [-1, -2], [1, 1], [1, 1], [1, 1], 101, 1000, 101, 4, null) { TierCounts = counts }], null);

        Assert.Equal((3, 2.85, -0.05), (summary.Target!.Wanted, Math.Round(summary.Target.Coded, 6), Math.Round(summary.Target.Error, 6)));
        EvaluationReport report = Report.SampleReport.Evaluation with { Policies = [summary], Comparisons = null, Verdict = null };
        Assert.Contains("2.85  -5.0 %", EvaluationTable.Text(report), StringComparison.Ordinal);
        Assert.Contains("\"error\": -0.04999", ReportJson.Text(report), StringComparison.Ordinal);
        Assert.Contains("\"target_error\": -0.05", AdaptiveKv.Evaluation.Stages.EvaluationMetrics.Json(report), StringComparison.Ordinal);
    }

    private static TierHistogram Tiers(long two, long four, long sixteen)
    {
        TierHistogram tiers = new();
        tiers.Add(KvTier.Of(BitWidth.Two), two);
        tiers.Add(KvTier.Of(BitWidth.Four), four);
        tiers.Add(KvTier.Of(BitWidth.Sixteen), sixteen);
        return tiers;
    }
}
