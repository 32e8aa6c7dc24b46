using AdaptiveKv.Data;

namespace AdaptiveKv.Unit.Data;

public sealed class RowSampleTests
{
    [Fact]
    public void ASeedMeansTheSameRowsEverywhere() => Assert.Equal([38L, 159, 278, 343, 738], RowSample.Choose(1000, 5, seed: 42));

    [Theory]
    [InlineData(0, 5, 0)]
    [InlineData(3, 5, 3)]
    [InlineData(5, 5, 5)]
    [InlineData(1_000_000_000_000, 100, 100)]
    public void RowsAreDistinctInOrderAndInside(long total, int count, int expected)
    {
        IReadOnlyList<long> rows = RowSample.Choose(total, count, seed: 7);

        Assert.Equal(expected, rows.Count);
        Assert.Equal(rows.Distinct().Order(), rows);
        Assert.All(rows, row => Assert.InRange(row, 0, total - 1));
    }

    [Fact]
    public void EveryRowHasTheSameChance()
    {
        int[] counts = new int[10];
        for (ulong seed = 0; seed < 10_000; seed++)
        {
            foreach (long row in RowSample.Choose(10, 3, seed))
            {
                counts[row]++;
            }
        }

        // 3000 each; the standard deviation is 46.
        Assert.All(counts, count => Assert.InRange(count, 2770, 3230));
    }
}
