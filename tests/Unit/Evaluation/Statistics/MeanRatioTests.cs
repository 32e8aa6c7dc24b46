using AdaptiveKv.Evaluation.Statistics;
using AdaptiveKv.Files;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

public sealed class MeanRatioTests
{
    /// <summary>By hand: without the first cluster 3/4, without the second 1/4; half the difference of their logarithms is ln(3) / 2, t of one degree 12.7062.</summary>
    [Fact]
    public void Two_clusters()
    {
        MeanRatio ratio = MeanRatio.Of([1, 3], [4, 4])!;

        Assert.Equal(0.5, ratio.Value, 12);
        Assert.Equal(0.5 * Math.Exp(-12.706204736 * Math.Log(3) / 2), ratio.Low!.Value, 9);
        Assert.Equal(0.5 * Math.Exp(12.706204736 * Math.Log(3) / 2), ratio.High!.Value, 3);
    }

    [Fact]
    public void The_other_way_round_the_ends_are_the_inverse()
    {
        double[] a = [1, 4, 2, 8], b = [2, 2, 9, 3];
        MeanRatio one = MeanRatio.Of(a, b)!;
        MeanRatio other = MeanRatio.Of(b, a)!;

        Assert.Equal(1 / one.Low!.Value, other.High!.Value, 12);
        Assert.Equal(1 / one.High!.Value, other.Low!.Value, 12);
    }

    [Fact]
    public void Equal_proportions_leave_no_doubt() => Assert.Equal(new MeanRatio(0.5, 0.5, 0.5), MeanRatio.Of([1, 2, 4], [2, 4, 8]));

    [Fact]
    public void What_is_not_there_is_not_divided_by()
    {
        Assert.Null(MeanRatio.Of([1, 2], [0, 0]));
        Assert.Equal(new MeanRatio(0, null, null), MeanRatio.Of([0, 0], [1, 2]));
        Assert.Equal(new MeanRatio(2, null, null), MeanRatio.Of([2], [1]));
        Assert.Equal(new MeanRatio(0.3, null, null), MeanRatio.Of([0, 0, 0.9], [1, 1, 1]));
    }

    /// <summary>Items as they are: losses with a long tail, of which both sides share a part. The true ratio is exp(-0.5).</summary>
    [Theory]
    [InlineData(20, 0.7)]
    [InlineData(40, 1.0)]
    [InlineData(100, 0.7)]
    [InlineData(100, 1.2)]
    public void The_interval_holds_the_truth_about_95_times_in_100(int items, double spread)
    {
        const int Trials = 2000;
        CounterRandom random = new(7);
        ulong draw = 0;
        int held = 0;
        for (int trial = 0; trial < Trials; trial++)
        {
            double[] own = new double[items];
            double[] other = new double[items];
            for (int i = 0; i < items; i++)
            {
                double shared = spread * Normal();
                own[i] = Math.Exp(shared + (spread * Normal()) - 0.5);
                other[i] = Math.Exp(shared + (spread * Normal()));
            }

            MeanRatio ratio = MeanRatio.Of(own, other)!;
            held += ratio.Low < Math.Exp(-0.5) && Math.Exp(-0.5) < ratio.High ? 1 : 0;
        }

        Assert.InRange((double)held / Trials, 0.91, 0.98);

        // Box and Muller (1958).
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.Uniform(draw++))) * Math.Cos(2 * Math.PI * random.Uniform(draw++));
    }
}
