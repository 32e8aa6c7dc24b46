using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

public sealed class FiellerTests
{
    private static readonly double[] A = [2, 5, 3, 8, 4, 6], B = [4, 7, 6, 9, 5, 8];

    /// <summary>What the interval means: at its ends, and nowhere between, a t test of a - r b just tells the mean from 0.</summary>
    [Fact]
    public void At_its_ends_the_test_of_the_mean_turns()
    {
        (double low, double high) = Fieller.Interval(A, B)!.Value;

        Assert.Equal(2.570581836, Math.Abs(T(low)), 6);
        Assert.Equal(2.570581836, Math.Abs(T(high)), 6);
        Assert.InRange(Math.Abs(T(A.Sum() / B.Sum())), 0, 1e-9);
        Assert.InRange(A.Sum() / B.Sum(), low, high);
    }

    [Fact]
    public void A_denominator_not_told_from_0_leaves_it_unbounded() => Assert.Null(Fieller.Interval(A, [1, -1, 2, -2, 0.5, 0]));

    [Fact]
    public void A_single_cluster_has_none() => Assert.Null(Fieller.Interval([1], [2]));

    private static double T(double ratio)
    {
        double[] rest = [.. A.Zip(B, (a, b) => a - (ratio * b))];
        double mean = rest.Average();
        return mean / Math.Sqrt(rest.Sum(value => (value - mean) * (value - mean)) / (rest.Length - 1) / rest.Length);
    }
}
