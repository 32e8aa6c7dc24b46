using AdaptiveKv.Evaluation;

namespace AdaptiveKv.Unit.Evaluation;

public sealed class GapShareTests
{
    private static readonly double[] Chance = [4, 6, 2, 5, 4.5, 5.5];
    private static readonly double[] Oracle = [1, 2, 1, 1.5, 1, 2];

    [Fact]
    public void It_is_0_at_chance_1_at_the_oracle_and_linear_between()
    {
        Assert.Equal(new GapShare(0, 0, 0), GapShare.Of(Chance, Chance, Oracle));
        Assert.Equal(1, GapShare.Of(Oracle, Chance, Oracle)!.Value, 12);

        GapShare share = GapShare.Of([.. Chance.Zip(Oracle, (a, b) => (a + b) / 2)], Chance, Oracle)!;
        Assert.Equal(0.5, share.Value, 12);
        Assert.Equal(0.5, share.Low!.Value, 6);
        Assert.Equal(0.5, share.High!.Value, 6);
    }

    [Fact]
    public void The_interval_is_wide_where_items_disagree()
    {
        GapShare share = GapShare.Of([1, 6, 2, 1.5, 4.5, 2], Chance, Oracle)!;

        Assert.Equal(10.0 / 18.5, share.Value, 12);
        Assert.True(share.Low < share.Value - 0.1 && share.High > share.Value + 0.1, $"{share}");
    }

    [Fact]
    public void An_oracle_no_better_than_chance_leaves_no_way_to_go() => Assert.Null(GapShare.Of(Oracle, Oracle, Chance));

    /// <summary>Better in the mean, by one item alone: how long the way is nobody knows, so no end of the interval is claimed.</summary>
    [Fact]
    public void An_oracle_not_told_from_chance_leaves_no_bounds()
    {
        GapShare share = GapShare.Of([4, 1, 1, 1], [9, 1, 1, 1], [1, 1.1, 1.1, 1])!;

        Assert.Equal(5 / 7.8, share.Value, 12);
        Assert.Equal((null, null), (share.Low, share.High));
    }
}
