using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

public sealed class RatioMeanTests
{
    /// <summary>By hand: mean 9 / 6 = 1.5; residuals 2 - 1.5, 3 - 3, 4 - 4.5 are 0.5, 0, -0.5; error sqrt(0.5 * 3 / 2) / 6; t of two degrees 4.302653.</summary>
    [Fact]
    public void Clusters_of_unlike_sizes()
    {
        RatioMean mean = RatioMean.Of([2, 3, 4], [1, 2, 3]);

        Assert.Equal(1.5, mean.Value, 12);
        Assert.Equal(Math.Sqrt(0.75) / 6, mean.StandardError!.Value, 12);
        Assert.Equal(4.302653 * Math.Sqrt(0.75) / 6, mean.HalfInterval!.Value, 6);
    }

    [Fact]
    public void A_single_cluster_has_no_error() => Assert.Equal((2, null, null), (RatioMean.Of([6], [3]).Value, RatioMean.Of([6], [3]).StandardError, RatioMean.Of([6], [3]).HalfInterval));
}
