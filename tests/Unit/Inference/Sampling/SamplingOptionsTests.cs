using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Unit.Inference.Sampling;

public sealed class SamplingOptionsTests
{
    [Fact]
    public void Defaults_are_valid_and_greedy()
    {
        var options = new SamplingOptions();
        Assert.Empty(options.Faults());
        Assert.Equal((0.0, 0, 1.0, 0.0, 1.0, 0UL), (options.Temperature, options.TopK, options.TopP, options.MinP, options.RepetitionPenalty, options.Seed));
    }

    [Fact]
    public void All_faults_are_reported_together()
    {
        var options = new SamplingOptions { Temperature = -1, TopK = -2, TopP = 1.5, MinP = -0.5, RepetitionPenalty = 0 };
        Assert.Equal(5, options.Faults().Count);
        string message = Assert.Throws<ArgumentException>(() => new Sampler(options, 10)).Message;
        Assert.Contains("temperature -1: expected", message);
        Assert.Contains("top-k -2: expected", message);
        Assert.Contains("top-p 1.5: expected", message);
        Assert.Contains("min-p -0.5: expected", message);
        Assert.Contains("repetition penalty 0: expected", message);
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(double.PositiveInfinity, 1)]
    [InlineData(1, double.NaN)]
    [InlineData(1, 0)]
    [InlineData(1, -0.1)]
    public void Values_out_of_range_are_faults(double temperature, double topP) =>
        Assert.Single(new SamplingOptions { Temperature = temperature, TopP = topP }.Faults());

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(1.1, 1)]
    [InlineData(0, double.NaN)]
    [InlineData(0, double.PositiveInfinity)]
    [InlineData(0, -1)]
    public void So_are_others(double minP, double penalty) => Assert.Single(new SamplingOptions { MinP = minP, RepetitionPenalty = penalty }.Faults());
}
