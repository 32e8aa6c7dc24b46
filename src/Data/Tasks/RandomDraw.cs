using AdaptiveKv.Files;

namespace AdaptiveKv.Data.Tasks;

/// <summary>Seeded draws without replacement.</summary>
internal static class RandomDraw
{
    /// <summary>Numbers from 0 to <paramref name="total"/> - 1 in the order they were drawn; every order is equally likely.</summary>
    /// <param name="total">How many there are.</param>
    /// <param name="wanted">How many are drawn, at most <paramref name="total"/>.</param>
    /// <param name="seed">The same seed gives the same numbers.</param>
    public static int[] Indices(int total, int wanted, ulong seed)
    {
        // Fisher-Yates, stopped after as many places as are wanted.
        int[] order = [.. Enumerable.Range(0, total)];
        for (int place = 0; place < wanted; place++)
        {
            ulong remaining = (ulong)(total - place);
            int chosen = place + (int)Math.BigMul(SplitMix64.Bits(seed, (ulong)place), remaining, out _);
            (order[place], order[chosen]) = (order[chosen], order[place]);
        }

        return order[..wanted];
    }
}
