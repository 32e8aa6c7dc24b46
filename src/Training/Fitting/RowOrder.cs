using AdaptiveKv.Files;

namespace AdaptiveKv.Training.Fitting;

/// <summary>The order in which each network sees the rows: one for each seed, shuffled before every pass.</summary>
internal sealed class RowOrder
{
    private readonly (CounterRandom Random, int[] Order)[] orders;
    private readonly int[] orderOfRun;

    /// <param name="rows">Number of rows.</param>
    /// <param name="seeds">By network.</param>
    public RowOrder(int rows, IReadOnlyList<ulong> seeds)
    {
        ulong[] distinct = [.. seeds.Distinct()];
        orders = [.. distinct.Select(seed => (new CounterRandom(seed), Enumerable.Range(0, rows).ToArray()))];
        orderOfRun = [.. seeds.Select(seed => Array.IndexOf(distinct, seed))];
    }

    /// <summary>The next order.</summary>
    /// <param name="stream">Of the seeds.</param>
    /// <returns>Places of rows, [networks][rows].</returns>
    public long[] Shuffle(ulong stream)
    {
        foreach ((CounterRandom random, int[] order) in orders)
        {
            Fit.Shuffle(order, random, stream);
        }

        int rows = orders[0].Order.Length;
        long[] places = new long[rows * orderOfRun.Length];
        for (int run = 0; run < orderOfRun.Length; run++)
        {
            int[] order = orders[orderOfRun[run]].Order;
            for (int i = 0; i < rows; i++)
            {
                places[(run * rows) + i] = order[i];
            }
        }

        return places;
    }
}
