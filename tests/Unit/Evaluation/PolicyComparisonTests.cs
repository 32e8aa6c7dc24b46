using AdaptiveKv.Evaluation;
using AdaptiveKv.Inference.Likelihoods;

namespace AdaptiveKv.Unit.Evaluation;

public sealed class PolicyComparisonTests
{
    /// <summary>The kind of a small run: one item carries nearly all of chance's KL, so that a symmetric interval would leave -100 % behind.</summary>
    [Fact]
    public void A_change_is_never_below_minus_100_percent()
    {
        PolicyComparison comparison = PolicyComparison.Of(3, Results("learned-3", [0.02, 0.01, 0.03, 0.01, 0.04, 0.3]), [Results("random-2.5@1", [0.05, 0.02, 0.06, 0.03, 0.05, 2.5])]);

        Assert.Equal(0.41 / 2.71, comparison.Change!.Value + 1, 12);
        Assert.InRange(comparison.ChangeLow!.Value, -1, comparison.Change.Value);
        Assert.True(comparison.ChangeHigh > comparison.Change);
        Assert.Equal("random-2.5", comparison.Chance);
        Assert.Equal(2.0 / 64, comparison.PValue, 12);
        Assert.Equal((-1, 6, 1), (comparison.RankBalance, comparison.Items, comparison.ItemsOfHalf));
    }

    [Fact]
    public void Chance_is_the_mean_of_its_seeds()
    {
        PolicyComparison comparison = PolicyComparison.Of(3, Results("learned-3", [1, 2]), [Results("random-2.5@1", [1, 3]), Results("random-2.5@2", [3, 5])]);

        Assert.Equal(6.0 / 20, comparison.ChanceKl, 12);
        Assert.Equal(0.5 - 1, comparison.Change!.Value, 12);
        Assert.Equal(0.2 / Math.Sqrt(2), comparison.ChanceKlDeviation!.Value, 12);
    }

    /// <summary>Both lose nothing, or one item alone: there is no ratio, or no interval of it, and no number that JSON could not hold.</summary>
    [Fact]
    public void What_cannot_be_computed_is_absent()
    {
        PolicyComparison nothing = PolicyComparison.Of(3, Results("a", [0, 0]), [Results("b", [0, 0])]);
        PolicyComparison lossless = PolicyComparison.Of(3, Results("a", [0, 0]), [Results("b", [1, 2])]);
        PolicyComparison single = PolicyComparison.Of(3, Results("a", [1]), [Results("b", [2])]);

        Assert.Equal((null, null, 1, 0), (nothing.Change, nothing.ChangeLow, nothing.PValue, nothing.RankBalance!.Value));
        Assert.Equal((-1, null), (lossless.Change, lossless.ChangeLow));
        Assert.Equal((-0.5, null, 1), (single.Change, single.ChangeLow, single.PValue));
    }

    private static ItemResult[] Results(string policy, double[] kl) => [.. kl.Select((value, i) => new ItemResult($"{i}", policy, 0, 0, 0, 0, [-1], [4], [4], [2], 20, 2000, 20, 3, null)
    {
        Divergence = new EndingDivergence(value, 9, 10),
    })];
}
