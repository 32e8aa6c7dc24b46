using AdaptiveKv.Inference.Threads;

namespace AdaptiveKv.Unit.Inference.Threads;

public sealed class WorkShareTests
{
    [Theory]
    [InlineData(10, 3)]
    [InlineData(10, 11)]
    [InlineData(2, 3)]
    [InlineData(0, 2)]
    [InlineData(1, 128)]
    [InlineData(int.MaxValue, 4)]
    public void Shares_are_contiguous_even_and_complete(int count, int members)
    {
        int end = 0;
        for (int member = 0; member < members; member++)
        {
            WorkShare share = WorkShare.Of(count, member, members);
            Assert.Equal(end, share.From);
            Assert.InRange(share.Count, count / members, (count / members) + 1);
            end = share.To;
        }

        Assert.Equal(count, end);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    public void Every_item_is_walked_through_once_by_one_member(int members)
    {
        List<int> walked = [];
        for (int member = 0; member < members; member++)
        {
            foreach (int item in WorkShare.Of(7, member, members))
            {
                walked.Add(item);
            }
        }

        Assert.Equal(Enumerable.Range(0, 7), walked);
    }

    // Runs of 5 items of 32 lanes each, 140 lanes in all: the last run has 12.
    [Theory]
    [InlineData(0, 2, 0, 64)]
    [InlineData(3, 5, 96, 140)]
    [InlineData(2, 2, 64, 64)]
    [InlineData(5, 5, 140, 140)]
    public void A_share_of_runs_is_a_share_of_what_is_in_them(int from, int to, int first, int last) =>
        Assert.Equal(new WorkShare(first, last), new WorkShare(from, to).Times(32, 140));
}
