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
            int chosen = place + (int)Math.BigMul(Mix(seed, (ulong)place), remaining, out _);
            (order[place], order[chosen]) = (order[chosen], order[place]);
        }

        return order[..wanted];
    }

    /// <summary>The output of SplitMix64 (Steele, Lea, Flood 2014) at place <paramref name="counter"/> of the stream of <paramref name="seed"/>.</summary>
    private static ulong Mix(ulong seed, ulong counter)
    {
        ulong z = seed + ((counter + 1) * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
