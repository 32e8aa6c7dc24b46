using AdaptiveKv.Inference.Threads;

namespace AdaptiveKv.Unit.Inference.Threads;

[Collection(Alone.Name)]
public sealed class WorkTicketsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(64)]
    public void Every_item_of_every_loop_falls_to_one_member(int threads)
    {
        const int Loops = 400;
        int[] counts = [0, 1, 3, 17, 30, 96, 1000];
        using ThreadTeam team = ThreadTeam.Of(threads);
        int[][] taken = [.. Enumerable.Range(0, Loops).Select(loop => new int[counts[loop % counts.Length]])];

        team.Run(member =>
        {
            for (int loop = 0; loop < Loops; loop++)
            {
                // Several loops without a barrier between them: members may be loops apart.
                foreach (int item in team.Items(taken[loop].Length, member))
                {
                    Interlocked.Increment(ref taken[loop][item]);
                    Thread.SpinWait((item * 7) % 50 * (member % 3));
                }

                if (loop % 5 == 4)
                {
                    team.Barrier();
                }
            }
        });

        Assert.All(taken, (items, loop) => Assert.All(items, times => Assert.True(times == 1, $"loop {loop}: {times} times")));
    }

    [Fact]
    public void What_a_member_does_not_get_to_others_do()
    {
        WorkTickets tickets = new(2);

        List<WorkShare> parts = Parts(tickets.Begin(20, member: 1));

        // Its own share from the front in parts that get smaller, then the other's.
        Assert.Equal([.. Enumerable.Range(10, 10), .. Enumerable.Range(0, 10)], parts.SelectMany(part => Enumerable.Range(part.From, part.Count)));
        Assert.Equal([5, 2, 1, 1, 1], parts.Take(5).Select(part => part.Count));
        Assert.Empty(Parts(tickets.Begin(20, member: 0)));
    }

    [Fact]
    public void Numbers_of_loops_wrap_round()
    {
        WorkTickets tickets = new(2);
        Assert.All((uint[])[1, 0x70000000, 0xE0000000, uint.MaxValue, 0], loop => Assert.Equal(new WorkShare(0, 1), tickets.Take(0, loop, 3)));
        Assert.Equal(default, tickets.Take(0, uint.MaxValue, 3));
    }

    private static List<WorkShare> Parts(WorkParts parts)
    {
        List<WorkShare> all = [];
        foreach (WorkShare part in parts)
        {
            all.Add(part);
        }

        return all;
    }
}
