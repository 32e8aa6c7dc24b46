using AdaptiveKv.Evaluation.Plots;

namespace AdaptiveKv.Unit.Evaluation.Plots;

public sealed class ScaleTests
{
    [Theory]
    [InlineData(499, 100)]
    [InlineData(501, 200)]
    [InlineData(1001, 250)]
    [InlineData(5, 1)]
    [InlineData(0.9, 0.2)]
    public void Five_round_steps_reach_a_span(double span, double step) => Assert.Equal(step, Scale.Step(span), 10);

    [Fact]
    public void The_ends_of_a_linear_scale_are_round()
    {
        Scale scale = Scale.Linear([27.5, 53], 300, 0, fromZero: false);

        Assert.Equal([20, 30, 40, 50, 60], scale.Ticks);
        Assert.Equal([300, 150, 0], new[] { 20.0, 40, 60 }.Select(scale.At));
    }

    [Fact]
    public void Equal_values_still_have_a_scale()
    {
        Assert.Equal(150, Scale.Linear([7, 7], 0, 300, fromZero: false).At(7), 1e-9);
        Assert.Equal(0, Scale.Linear([0], 0, 300, fromZero: true).At(0));
    }

    [Fact]
    public void A_logarithmic_scale_ends_where_its_values_do()
    {
        Scale scale = Scale.Logarithmic([0.0171, 0.349], 0, 200);

        Assert.Equal([0.01, 0.02, 0.05, 0.1, 0.2, 0.5], scale.Ticks.Select(tick => Math.Round(tick, 9)));
        Assert.Equal(200 * Math.Log(10) / Math.Log(50), scale.At(0.1), 6);
        Assert.Equal(0, scale.At(0));
        Assert.Equal([0.0002, 0.001, 0.01, 0.1, 1, 2], Scale.Logarithmic([0.0002, 1.5], 0, 200).Ticks.Select(tick => Math.Round(tick, 9)));
    }

    [Theory]
    [InlineData(0.30000000000000004, "0.3")]
    [InlineData(0, "0")]
    [InlineData(1000000, "1e6")]
    [InlineData(0.00001, "1e-5")]
    public void Ticks_are_short(double tick, string text) => Assert.Equal(text, Scale.Text(tick));
}
