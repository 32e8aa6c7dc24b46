using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Training.Datasets;

namespace AdaptiveKv.Unit.Training.Datasets;

public sealed class ItemSplitTests
{
    [Fact]
    public void The_share_is_kept_and_hangs_on_name_and_seed_alone()
    {
        string[] items = [.. Enumerable.Range(0, 5000).Select(i => $"hellaswag-{i}")];
        ItemSplit split = new(42, 0.2);
        string[] first = [.. items.Select(split.Of)];

        Assert.Equal(0.2, first.Count(name => name == DatasetTable.Validation) / 5000.0, 0.02);
        Assert.Equal(first.Reverse(), items.Reverse().Select(new ItemSplit(42, 0.2).Of));
        Assert.NotEqual(first, items.Select(new ItemSplit(43, 0.2).Of));
    }

    /// <summary>ML.NET asks on several threads.</summary>
    [Fact]
    public void Threads_may_ask_at_once()
    {
        string[] items = [.. Enumerable.Range(0, 20000).Select(i => $"item-{i % 5000}")];
        ItemSplit split = new(42, 0.2);
        string[] asked = new string[items.Length];

        Parallel.For(0, items.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => asked[i] = split.Of(items[i]));

        Assert.Equal(items.Select(new ItemSplit(42, 0.2).Of), asked);
    }
}
