namespace AdaptiveKv.Data.Tasks;

/// <summary>The items an evaluation is run on: a whole file, or a seeded random sample of it in file order.</summary>
/// <param name="Items">In file order.</param>
/// <param name="Total">Items in the file.</param>
/// <param name="Seed">Seed of the sample.</param>
public sealed record ItemSample(IReadOnlyList<MultipleChoiceItem> Items, int Total, ulong Seed)
{
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
        return new ItemSample(Part(items, 0, wanted, seed), items.Count, seed);
    }

    /// <summary>A part of a file in random order: parts that do not overlap are samples apart from each other.</summary>
    /// <param name="items">All items of a file.</param>
    /// <param name="skip">Items of the random order that come before the part.</param>
    /// <param name="limit">Items of the part; 0, or more than are left, takes the rest.</param>
    /// <param name="seed">Of the order.</param>
    /// <returns>In file order.</returns>
    /// <exception cref="ArgumentException">Nothing is left.</exception>
    public static IReadOnlyList<T> Part<T>(IReadOnlyList<T> items, int skip, int limit, ulong seed)
    {
        int left = items.Count - skip;
        if (left < 1)
        {
            throw new ArgumentException($"skip {skip}: the file has {items.Count} items: none is left");
        }

        int[] part = RandomDraw.Indices(items.Count, skip + (limit == 0 ? left : Math.Min(limit, left)), seed)[skip..];
        Array.Sort(part);
        return [.. part.Select(index => items[index])];
    }
}
