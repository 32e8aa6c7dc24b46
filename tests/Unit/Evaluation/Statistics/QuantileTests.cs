using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

/// <summary>Expected values as numpy.quantile gives them.</summary>
public sealed class QuantileTests
{
    [Theory]
    [InlineData(0.0, 1)]
    [InlineData(0.5, 3.5)]
    [InlineData(1.0, 10)]
    public void Values_between_two_are_interpolated(double share, double expected) => Assert.Equal(expected, Quantile.Of([10, 1, 3, 4], share), 12);

    [Fact]
    public void The_median_of_an_odd_number_is_the_middle_one() => Assert.Equal(3, Quantile.Median([5, 1, 3]));

    /// <summary>Place 0.95 x 3 = 2.85 of 1, 3, 4, 10: 4 + 0.85 x 6.</summary>
    [Fact]
    public void P95_lies_near_the_top() => Assert.Equal(9.1, Quantile.P95([10, 1, 3, 4]), 12);

    [Fact]
    public void One_value_is_every_quantile() => Assert.Equal(7, Quantile.P95([7]));

    [Fact]
    public void No_values_have_no_quantile() => Assert.Throws<ArgumentOutOfRangeException>(() => Quantile.Median([]));
}
