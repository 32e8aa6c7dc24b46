using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Unit.Evaluation.Statistics;

public sealed class PairedDifferenceTests
{
    [Fact]
    public void Gains_and_losses_are_counted_item_by_item()
    {
        PairedDifference difference = PairedDifference.Between([true, true, false, false, true], [true, false, true, true, true]);

        Assert.Equal(new PairedDifference(5, 1, 2), difference);
        Assert.Equal(-20, difference.Points, 12);
    }

    /// <summary>Differences 1, -1, -1, 0, 0 have mean -0.2 and sample variance (3 - 0.2) / 4 = 0.7; sqrt(0.7 / 5) = 0.374166.</summary>
    [Fact]
    public void The_standard_error_is_that_of_the_mean_difference() => Assert.Equal(37.4166, new PairedDifference(5, 1, 2).StandardError!.Value, 4);

    [Fact]
    public void Identical_outcomes_differ_by_nothing_with_p_1()
    {
        var difference = new PairedDifference(400, 0, 0);

        Assert.Equal((0, 0, 1), (difference.Points, difference.StandardError, difference.PValue));
    }

    [Fact]
    public void A_single_item_has_no_standard_error() => Assert.Null(new PairedDifference(1, 0, 1).StandardError);

    [Fact]
    public void Runs_over_different_numbers_of_items_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PairedDifference.Between([true], [true, false]));
}
