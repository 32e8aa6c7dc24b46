using System.Diagnostics;
using AdaptiveKv.Inference.Threads;

namespace AdaptiveKv.Unit.Inference.Threads;

[Collection(Alone.Name)]
public sealed class ThreadTeamTests
{
    private static readonly TimeSpan Hanging = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(33)]
    [InlineData(128)]
    public Task Between_two_barriers_every_member_sees_what_all_wrote(int threads) => Within(() =>
    {
        const int Rounds = 100;
        using ThreadTeam team = ThreadTeam.Of(threads);
        int[] written = new int[threads];
        int wrong = 0;
        for (int run = 0; run < 10; run++)
        {
            team.Run(member =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    Volatile.Write(ref written[member], i);
                    team.Barrier();
                    foreach (ref int other in written.AsSpan())
                    {
                        Interlocked.Add(ref wrong, Volatile.Read(ref other) == i ? 0 : 1);
                    }

                    team.Barrier();
                }
            });
        }

        Assert.Equal(0, wrong);
    });

    [Fact]
    public void Run_returns_when_every_member_is_done_and_each_ran_once()
    {
        using ThreadTeam team = ThreadTeam.Of(3);
        int[] runs = new int[3];
        for (int i = 1; i <= 100; i++)
        {
            team.Run(member => Interlocked.Increment(ref runs[member]));
            Assert.Equal([i, i, i], runs);
        }
    }

    // Runs that begin about when a worker gives up spinning: a wake-up that is lost here would hang for ever.
    [Fact]
    public Task Work_that_comes_while_a_worker_falls_asleep_is_not_lost() => Within(() =>
    {
        using ThreadTeam team = ThreadTeam.Of(2);
        int runs = 0;
        Action<int> work = _ => Interlocked.Increment(ref runs);
        for (int i = 0; i < 20_000; i++)
        {
            team.Run(work);
            Thread.SpinWait(i % 1500);
        }

        Assert.Equal(40_000, runs);
    });

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    [InlineData(40, 64)]
    public Task A_failure_of_any_member_is_reported_and_breaks_the_team(int failing, int threads) => Within(() =>
    {
        using ThreadTeam team = ThreadTeam.Of(threads);

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => team.Run(member =>
        {
            team.Barrier();
            if (member == failing)
            {
                throw new FormatException("it is broken");
            }

            team.Barrier();
        }));

        Assert.Equal("a member of the thread team failed: it is broken", error.Message);
        Assert.IsType<FormatException>(error.InnerException);
        error = Assert.Throws<InvalidOperationException>(() => team.Run(_ => { }));
        Assert.Contains("broken by an earlier failure", error.Message, StringComparison.Ordinal);
        Assert.IsType<FormatException>(error.InnerException);
    });

    [Fact]
    public void There_are_no_more_members_than_processors()
    {
        using ThreadTeam team = new(ThreadTeam.MostThreads);

        Assert.Equal(Math.Min(Processors.Logical, ThreadTeam.MostThreads), team.Threads);
    }

    [Fact]
    public void A_team_of_one_breaks_as_larger_ones_do()
    {
        using ThreadTeam team = new(1);
        team.Run(member => Assert.Equal(0, member));

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => team.Run(_ => throw new FormatException("it is broken")));

        Assert.Equal("a member of the thread team failed: it is broken", error.Message);
        Assert.True(team.IsBroken);
        Assert.Contains("broken by an earlier failure", Assert.Throws<InvalidOperationException>(() => team.Run(_ => { })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(ThreadTeam.MostThreads + 1)]
    public void No_team_is_smaller_than_its_caller_or_larger_than_any_machine(int threads) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(threads), () => new ThreadTeam(threads));

    [Fact]
    public void Idle_workers_burn_no_processor_time()
    {
        using ThreadTeam team = ThreadTeam.Of(4);
        double least = double.MaxValue;

        // The best of several: the runtime's own threads may work meanwhile, workers that spin would always show.
        for (int attempt = 0; attempt < 5 && least > 30; attempt++)
        {
            team.Run(_ => { });
            Thread.Sleep(50);
            using Process process = Process.GetCurrentProcess();
            TimeSpan before = process.TotalProcessorTime;
            Thread.Sleep(300);
            process.Refresh();
            least = Math.Min(least, (process.TotalProcessorTime - before).TotalMilliseconds);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{least:F1} ms of processor time in 300 ms");
        Assert.InRange(least, 0, 30);
    }

    private static Task Within(Action test) => Task.Run(test).WaitAsync(Hanging);
}
