namespace AdaptiveKv.Evaluation.Tasks;

/// <summary>The items an evaluation is run on: a whole file, or a seeded random sample of it in file order.</summary>
/// <param name="Items">In file order.</param>
/// <param name="Total">Items in the file.</param>
/// <param name="Seed">Seed of the sample.</param>
public sealed record ItemSample(IReadOnlyList<MultipleChoiceItem> Items, int Total, ulong Seed)
{
    /// <summary>Whether items were left out, so that the result is not the file's.</summary>
    public bool IsPartial => Items.Count < Total;

    /// <summary>Draws <paramref name="limit"/> items without replacement, every subset equally likely: the files are ordered, so a prefix would be biased.</summary>
    /// <param name="items">All items of a file.</param>
    /// <param name="limit">Items wanted, at least 1; null, or more than there are, takes all.</param>
    /// <param name="seed">The same seed gives the same items.</param>
    public static ItemSample Draw(IReadOnlyList<MultipleChoiceItem> items, int? limit, ulong seed)
    {
        if (limit is not { } wanted || wanted >= items.Count)
        {
            return new ItemSample(items, items.Count, seed);
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(wanted, 1, nameof(limit));

        // Fisher-Yates, stopped after as many places as are wanted.
        int[] order = [.. Enumerable.Range(0, items.Count)];
        for (int place = 0; place < wanted; place++)
        {
            ulong remaining = (ulong)(items.Count - place);
            int chosen = place + (int)Math.BigMul(Mix(seed, (ulong)place), remaining, out _);
            (order[place], order[chosen]) = (order[chosen], order[place]);
        }

        int[] sample = order[..wanted];
        Array.Sort(sample);
        return new ItemSample([.. sample.Select(index => items[index])], items.Count, seed);
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
