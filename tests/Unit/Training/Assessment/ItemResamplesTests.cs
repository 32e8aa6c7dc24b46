using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Unit.Training.Fitting;

namespace AdaptiveKv.Unit.Training.Assessment;

public sealed class ItemResamplesTests
{
    private static readonly RowSet Rows = SampleRows.Of(400);

    /// <summary>The mean of n numbers of deviation s has the deviation s / sqrt(n), of which 1.96 on either side hold 95 %.</summary>
    [Fact]
    public void Rows_by_themselves_vary_as_the_mean_of_as_many_numbers()
    {
        Interval range = Interval.Of(new ItemResamples(Rows, 1).Of(rows => rows.Average(row => row % 2 == 0 ? 1.0 : 0)));

        Assert.Equal(0.5 - (1.96 * 0.5 / 20), range.Low, 0.01);
        Assert.Equal(0.5 + (1.96 * 0.5 / 20), range.High, 0.01);
    }

    [Fact]
    public void Rows_of_an_item_come_together_and_vary_more()
    {
        RowSet items = Rows with { Items = [.. Enumerable.Range(0, 400).Select(row => row / 8)] };
        ItemResamples resamples = new(items, 1);
        Interval range = Interval.Of(resamples.Of(rows => rows.Average(row => row / 8 % 2 == 0 ? 1.0 : 0)));

        Assert.Equal(50, resamples.Items);
        Assert.All(resamples.Of(rows => rows), rows => Assert.All(rows.Chunk(8), item => Assert.Equal(Enumerable.Range(item[0], 8), item)));
        Assert.Equal(2 * 1.96 * 0.5 / Math.Sqrt(50), range.High - range.Low, 0.04);
    }

    [Fact]
    public void Who_knows_the_losses_closes_the_gap_in_every_resample()
    {
        float[] known = [.. Rows.Losses.Select(loss => -loss)];

        Assert.All(new ItemResamples(Rows, 1).Matched(1, known, [2.5, 4.5, 8.5, 16]), matched => Assert.Equal(matched.Oracle, matched.Loss));
    }
}
