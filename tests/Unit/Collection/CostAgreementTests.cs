using AdaptiveKv.Collection;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Collection;

public sealed class CostAgreementTests
{
    private static readonly KvTier Tier = KvTier.Of(BitWidth.Two);

    // Ranks 0, 1.5, 1.5, 3 against 0, 2, 1, 3: 4.5 over sqrt(4.5 * 5).
    [Fact]
    public void Equal_values_share_their_rank() =>
        Assert.Equal(4.5 / Math.Sqrt(22.5), CostAgreement.RankCorrelation([(1, 10), (2, 30), (2, 20), (9, 40)]), 1e-12);

    [Fact]
    public void Order_is_all_that_counts()
    {
        (double, double)[] rising = [.. Enumerable.Range(0, 20).Select(i => ((double)i, Math.Exp(i)))];

        Assert.Equal(1, CostAgreement.RankCorrelation(rising), 1e-12);
        Assert.Equal(-1, CostAgreement.RankCorrelation([.. rising.Select(pair => (-pair.Item1, pair.Item2))]), 1e-12);
        Assert.Equal(0, CostAgreement.RankCorrelation([(1, 1), (1, 2)]));
    }

    [Fact]
    public void The_interval_is_around_the_correlation()
    {
        (double, double)[][] texts = [.. Enumerable.Range(0, 10).Select(text => Enumerable.Range(1, 9).Select(i => ((double)i, (2.0 * i) + (i * (text + i) % 3))).ToArray())];

        CostAgreement found = CostAgreement.Of(Tier, [.. texts, []], seed: 3)!;

        Assert.Equal((90, 10), (found.Tokens, found.Texts));
        Assert.InRange(found.Spearman, found.Low, found.High);
        Assert.True(found.Low < found.High && found.Low > 0.7, $"{found}");
        Assert.Equal(found, CostAgreement.Of(Tier, texts, seed: 3));
    }

    [Fact]
    public void Without_measured_costs_there_is_nothing_to_compare()
    {
        Assert.Null(CostAgreement.Of(Tier, [], seed: 3));
        Assert.Null(CostAgreement.Of(Tier, [[]], seed: 3));
    }
}
