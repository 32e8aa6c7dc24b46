using AdaptiveKv.Evaluation;

namespace AdaptiveKv.Unit.Evaluation;

public sealed class GapShareTests
{
    private static readonly double[] Sizes = [10, 20, 10];
    private static readonly double[] Chance = [4, 6, 2];
    private static readonly double[] Oracle = [1, 2, 1];

    [Fact]
    public void It_is_0_at_chance_1_at_the_oracle_and_linear_between()
    {
        Assert.Equal(new GapShare(0, 0, 0), GapShare.Of(Chance, Chance, Oracle, Sizes));
        Assert.Equal(new GapShare(1, 1, 1), GapShare.Of(Oracle, Chance, Oracle, Sizes));

        double[] half = [.. Chance.Zip(Oracle, (a, b) => (a + b) / 2)];
        GapShare share = GapShare.Of(half, Chance, Oracle, Sizes)!;
        Assert.Equal(0.5, share.Value, 12);
        Assert.Equal(0.5, share.Low, 12);
    }

    [Fact]
    public void The_interval_is_wide_where_items_disagree()
    {
        GapShare share = GapShare.Of([1, 6, 2], Chance, Oracle, Sizes)!;

        Assert.Equal(3.0 / 8, share.Value, 12);
        Assert.True(share.Low < share.Value - 0.1 && share.High > share.Value + 0.1, $"{share}");
    }

    [Fact]
    public void An_oracle_no_better_than_chance_leaves_no_way_to_go() => Assert.Null(GapShare.Of(Oracle, Oracle, Chance, Sizes));
}
