using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

public sealed class SignedRankTests
{
    /// <summary>Wilcoxon (1945)'s own kind of data; by hand: ranks of |d| are 1..8, W+ = 36 - 3 = 33, z = (33 - 18) / sqrt(51) = 2.1004, p = 0.03569.</summary>
    [Fact]
    public void Eight_differences_without_ties() => Assert.Equal(0.03569, SignedRank.PValue([1, 2, -3, 4, 5, 6, 7, 8]), 4);

    /// <summary>By hand: |d| = 1, 1, 2, 2 have ranks 1.5, 1.5, 3.5, 3.5; W+ = 8.5 of 10, variance 7.5 - 12 / 48 = 7.25, z = 3.5 / sqrt(7.25), p = 0.19365.</summary>
    [Fact]
    public void Ties_share_their_mean_rank_and_zeros_are_left_out() => Assert.Equal(0.19365, SignedRank.PValue([1, -1, 0, 2, 2]), 4);

    [Fact]
    public void Nothing_to_compare_is_no_difference() => Assert.Equal(1, SignedRank.PValue([0, 0]));
}
