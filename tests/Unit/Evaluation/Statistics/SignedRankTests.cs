using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

public sealed class SignedRankTests
{
    /// <summary>Darwin's fifteen pairs of maize plants, as in Fisher (1935): the smaller sum of ranks is 24, and 676 of the 2^14 assignments are as uneven on that side.</summary>
    [Fact]
    public void Darwins_maize() => Assert.Equal(0.041259765625, SignedRank.Of([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]).PValue, 12);

    /// <summary>Wilcoxon's table as printed in textbooks: the smallest sums of ranks with two-sided probabilities nearest below 5 % for n pairs.</summary>
    [Theory]
    [InlineData(6, 0, 0.03125)]
    [InlineData(8, 3, 0.0390625)]
    [InlineData(10, 8, 0.048828125)]
    [InlineData(12, 13, 0.04248046875)]
    public void The_probabilities_are_those_of_the_table(int pairs, int smaller, double p)
    {
        // The largest ranks that fit make up the negative sum.
        HashSet<int> negative = [];
        for (int rank = pairs, left = smaller; rank > 0 && left > 0; rank--)
        {
            if (rank <= left)
            {
                left -= rank;
                negative.Add(rank);
            }
        }

        Assert.Equal(p, SignedRank.Of(Enumerable.Range(1, pairs).Select(rank => negative.Contains(rank) ? -rank : (double)rank)).PValue, 12);
    }

    /// <summary>All 2^n assignments of signs, counted one by one, with ties and without.</summary>
    [Theory]
    [InlineData(new double[] { 1, -1, 0, 2, 2 })]
    [InlineData(new double[] { 3, -1, 4, -1, 5, 9, -2, 6, 5, 3 })]
    [InlineData(new double[] { -0.5, -0.5, -0.5, 0.25 })]
    [InlineData(new double[] { 1, 2, -3, 4, 5, 6, 7, 8, -9, 10, 11.5 })]
    [InlineData(new double[] { 7 })]
    public void Every_assignment_of_signs_is_counted(double[] differences)
    {
        double[] sizes = [.. differences.Where(value => value != 0).Select(Math.Abs)];
        double[] ranks = [.. sizes.Select(size => sizes.Count(other => other < size) + ((1 + sizes.Count(other => other == size)) / 2.0))];
        double middle = ranks.Sum() / 2;
        double seen = Math.Abs(differences.Where(value => value != 0).Zip(ranks, (value, rank) => value > 0 ? rank : 0).Sum() - middle);
        int uneven = Enumerable.Range(0, 1 << sizes.Length).Count(signs => Math.Abs(ranks.Where((_, i) => (signs >> i & 1) != 0).Sum() - middle) >= seen);

        Assert.Equal((double)uneven / (1 << sizes.Length), SignedRank.Of(differences).PValue, 12);
    }

    /// <summary>Where the count ends the normal distribution goes on: mean n (n + 1) / 4, variance n (n + 1) (2 n + 1) / 24. 100 pairs are counted, 101 are not.</summary>
    [Theory]
    [InlineData(100, 0.1)]
    [InlineData(101, 1e-9)]
    public void The_normal_distribution_joins_the_count(int n, double tolerance)
    {
        double[] differences = [.. Enumerable.Range(1, n).Select(i => i % 5 is 0 or 1 ? -i : (double)i)];
        double z = (differences.Where(value => value > 0).Sum() - (n * (n + 1) / 4.0)) / Math.Sqrt(n * (n + 1.0) * ((2 * n) + 1) / 24);
        double normal = Normal.TwoSided(z);

        Assert.Equal(1, SignedRank.Of(differences).PValue / normal, tolerance);
        Assert.InRange(normal, 0.01, 0.2);
    }

    [Theory]
    [InlineData(new double[] { 1, 2, 3 }, 1)]
    [InlineData(new double[] { -1, -2, -3 }, -1)]
    [InlineData(new double[] { 1, -2, 3 }, 1.0 / 3)]
    [InlineData(new double[] { 1, -1 }, 0)]
    public void The_balance_has_the_sign_of_the_heavier_ranks(double[] differences, double balance) => Assert.Equal(balance, SignedRank.Of(differences).Balance, 12);

    [Fact]
    public void Nothing_to_compare_is_no_difference() => Assert.Equal(new SignedRank(1, 0), SignedRank.Of([0, 0]));
}
