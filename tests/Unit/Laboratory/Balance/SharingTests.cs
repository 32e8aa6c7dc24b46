using AdaptiveKv.Inference.Timing;
using AdaptiveKv.Laboratory.Balance;

namespace AdaptiveKv.Unit.Laboratory.Balance;

public sealed class SharingTests
{
    [Theory]
    [InlineData(18, 2, 90, 1)]
    [InlineData(18, 16, 20, 1.7778)] // Two members' worth of one unit of ten microseconds.
    [InlineData(18, 64, 10, 3.5556)]
    [InlineData(64, 64, 10, 1)]
    public void Units_that_do_not_divide_leave_members_idle(int units, int members, double longest, double share)
    {
        Sharing sharing = Sharing.Of(Region(own: 5, (units, units * 10)), members);

        Assert.Equal(5 + longest, sharing.Longest, 6);
        Assert.Equal(5 + (units * 10.0 / members), sharing.Mean, 6);
        Assert.Equal(share, sharing.LargestShare, 4);
    }

    [Fact]
    public void A_loop_that_follows_without_a_barrier_fills_the_gaps()
    {
        // Alone the first takes two units of its four members, the second one; together three units of four members.
        Assert.Equal(30, Sharing.Of(Region(0, (6, 60), (6, 60)), 4).Longest, 6);
        Assert.Equal(20, Sharing.Of(Region(0, (6, 60)), 4).Longest, 6);
    }

    [Fact]
    public void What_every_member_does_for_itself_is_even() => Assert.Equal(new Sharing(7, 7, 1), Sharing.Of(Region(own: 7), 8));

    private static WorkRegion Region(double own, params (int Units, double Microseconds)[] loops) => new(null, own, [.. loops.Select(loop => new WorkLoop(loop.Units, loop.Microseconds))]);
}
