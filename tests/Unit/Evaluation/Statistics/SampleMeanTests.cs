using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

public sealed class SampleMeanTests
{
    /// <summary>2, 4, 4, 4, 5, 5, 7, 9: mean 5, squared deviations 32; sqrt(32 / 7 / 8) = 0.755929.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1e9)]
    public void Mean_and_standard_error_survive_a_large_offset(double offset)
    {
        var sample = new SampleMean();
        foreach (double value in (double[])[2, 4, 4, 4, 5, 5, 7, 9])
        {
            sample.Add(value + offset);
        }

        Assert.Equal(offset + 5, sample.Mean, 6);
        Assert.Equal(0.755929, sample.StandardError!.Value, 6);
        Assert.Equal(8, sample.Count);
    }

    [Fact]
    public void One_value_has_a_mean_and_no_standard_error()
    {
        var sample = new SampleMean();
        sample.Add(3);

        Assert.Equal(3, sample.Mean);
        Assert.Null(sample.StandardError);
    }
}
