using AdaptiveKv.Inference.Threads;

namespace AdaptiveKv.Unit.Inference.Threads;

public sealed class ProcessorsTests
{
    [Theory]
    [InlineData("Cpus_allowed_list:\t0-3", new[] { 0, 1, 2, 3 })]
    [InlineData("Cpus_allowed_list:\t5", new[] { 5 })]
    [InlineData("Cpus_allowed_list:\t0-1,4,6-7", new[] { 0, 1, 4, 6, 7 })]
    [InlineData("Cpus_allowed_list:\t", new int[0])]
    [InlineData("Cpus_allowed_list:\tall", new int[0])]
    [InlineData("Cpus_allowed:\tff", new int[0])]
    public void The_status_of_a_process_says_which_processors_it_may_use(string line, int[] expected) =>
        Assert.Equal(expected, Processors.AllowedIn(["Name:\takv", line, "Mems_allowed_list:\t0"]));

    [Fact]
    public void Logical_processors_that_share_a_physical_one_count_once()
    {
        // Numbered as Intel's and AMD's servers are: 0 and 4 share one, 1 and 5, and so on.
        static string? Siblings(int processor) => $"{processor % 4},{(processor % 4) + 4}";

        Assert.Equal(4, Processors.CoresOf(Enumerable.Range(0, 8), Siblings));
        Assert.Equal(2, Processors.CoresOf([0, 4, 5], Siblings));
        Assert.Equal(3, Processors.CoresOf([0, 1, 2], _ => null));
    }

    [Fact]
    public void There_are_no_more_than_the_runtime_may_use()
    {
        Assert.InRange(Processors.Logical, 1, Environment.ProcessorCount);
        Assert.InRange(Processors.Physical, 1, Processors.Logical);
    }
}
