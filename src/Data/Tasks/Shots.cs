namespace AdaptiveKv.Data.Tasks;

/// <summary>
/// Questions with their right endings that stand before every item: the few-shot prompt of lm-evaluation-harness, the same for all items, so that the
/// model reads it once.
/// </summary>
/// <param name="Items">In the order in which they stand; none for items as they are.</param>
public sealed record Shots(IReadOnlyList<MultipleChoiceItem> Items)
{
    /// <summary>Items as they are.</summary>
    public static Shots None { get; } = new([]);

    /// <summary>What stands before an item: question, blank, right ending, and an empty line after each.</summary>
    public string Text => string.Concat(Items.Select(item => $"{item.Context} {RightEnding(item)}\n\n"));

    /// <summary>Takes the last of a file's random order, which a sample's skip and limit come to last.</summary>
    /// <param name="source">All items of a file.</param>
    /// <param name="count">Number of shots.</param>
    /// <param name="seed">Of the order.</param>
    /// <param name="evaluated">What they will stand before.</param>
    /// <exception cref="ArgumentException">There are too few items, or a shot would give an item's answer away.</exception>
    public static Shots Draw(IReadOnlyList<MultipleChoiceItem> source, int count, ulong seed, IReadOnlyList<MultipleChoiceItem> evaluated)
    {
        if (count > source.Count)
        {
            throw new ArgumentException($"shots {count}: their file has {source.Count} items: take fewer shots, or another file");
        }

        IReadOnlyList<MultipleChoiceItem> shots = ItemSample.Part(source, source.Count - count, count, seed);
        HashSet<(string, string)> known = [.. shots.Select(shot => (shot.Context, RightEnding(shot)))];
        return evaluated.FirstOrDefault(item => known.Contains((item.Context, RightEnding(item)))) is { } same
            ? throw new ArgumentException($"shots {count}: item '{same.Id}' would stand among them with its answer: limit the items so that {count} are left over, or take the shots from another file")
            : new Shots(shots);
    }

    /// <summary>How a sample of a file finds its shots, for <see cref="EncodedSample.Read"/>.</summary>
    /// <param name="path">The file of the shots; null for the sample's own.</param>
    /// <param name="count">Number of shots.</param>
    /// <param name="seed">Of the order.</param>
    /// <returns>Null for no shots.</returns>
    public static Func<ItemFile, IReadOnlyList<MultipleChoiceItem>, Shots>? From(string? path, int count, ulong seed) =>
        count == 0 ? null : (file, items) => Draw((path is null ? file : ItemFile.Read(path)).Items, count, seed, items);

    /// <summary>The items with the shots before them, as token ids.</summary>
    /// <param name="items">The items.</param>
    /// <param name="encode">Token ids of a text.</param>
    /// <exception cref="InvalidDataException">An item's context has no token of its own.</exception>
    public EncodedItem[] Encode(IReadOnlyList<MultipleChoiceItem> items, Func<string, int[]> encode)
    {
        string text = Text;
        EncodedItem[] encoded = [.. items.Select(item => EncodedItem.Encode(item with { Context = text + item.Context }, encode))];

        // The last token of the shots may take the first letters of an item in.
        int[] before = encode(text);
        int shared = encoded.Min(item => Math.Min(item.Context.AsSpan().CommonPrefixLength(before), item.Context.Length - 1));
        return [.. encoded.Select(item => item with { Shared = shared })];
    }

    private static string RightEnding(MultipleChoiceItem item) => item.Endings[item.Label];
}
