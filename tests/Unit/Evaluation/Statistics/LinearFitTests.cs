using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

public sealed class LinearFitTests
{
    [Fact]
    public void Points_on_a_line_give_the_line()
    {
        LinearFit fit = LinearFit.Of([(128, 3.0), (1024, 3.896), (8192, 11.064)])!.Value;

        Assert.Equal(2.872, fit.Intercept, 10);
        Assert.Equal(0.001, fit.Slope, 12);
    }

    // Worked by hand: means 2 and 3, slope (1*1 + 0 + 1*1) / 2 = 1, residuals balance.
    [Fact]
    public void Points_off_the_line_are_balanced() => Assert.Equal(new LinearFit(1, 1), LinearFit.Of([(1, 2), (2, 3), (3, 4), (2, 4), (2, 2)]));

    [Fact]
    public void One_place_has_no_slope()
    {
        Assert.Null(LinearFit.Of([]));
        Assert.Null(LinearFit.Of([(5, 1), (5, 2)]));
    }
}
