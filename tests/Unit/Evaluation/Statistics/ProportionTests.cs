using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

public sealed class ProportionTests
{
    /// <summary>The examples of Newcombe (1998), table 1, method 3.</summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void The_interval_is_the_published_one(int successes, int count, double lower, double upper)
    {
        var proportion = new Proportion(successes, count);

        Assert.Equal(lower, proportion.Lower, 4);
        Assert.Equal(upper, proportion.Upper, 4);
    }

    /// <summary>sqrt(0.6 x 0.4 / 499) = 0.021931: the +-4.4 points (twice) of a HellaSwag run of 500 items.</summary>
    [Fact]
    public void The_standard_error_is_that_of_lm_evaluation_harness() => Assert.Equal(0.021931, new Proportion(300, 500).StandardError!.Value, 6);

    /// <summary>The sample form: 1 of 2 is values 0 and 1, deviation sqrt(1/2), over sqrt(2).</summary>
    [Fact]
    public void Two_trials_have_the_sample_deviation() => Assert.Equal(0.5, new Proportion(1, 2).StandardError!.Value, 12);

    [Fact]
    public void One_trial_has_no_standard_error() => Assert.Null(new Proportion(1, 1).StandardError);
}
