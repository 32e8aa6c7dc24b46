namespace AdaptiveKv.Data.Tasks;

/// <summary>A random part of a file as token ids: of items, or of the windows of a plain text.</summary>
/// <param name="Items">The part, in file order.</param>
/// <param name="Format">What the file was recognized as.</param>
/// <param name="Sha256">SHA-256 of the file.</param>
/// <param name="Total">Items, or windows, of the file.</param>
public sealed record EncodedSample(EncodedItem[] Items, ItemFormat Format, string Sha256, int Total)
{
    /// <summary>What stands before every item.</summary>
    public Shots Shots { get; private init; } = Shots.None;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Items, or a plain text.</param>
    /// <param name="window">Tokens of a plain text's windows; 0 where a plain text will not do.</param>
    /// <param name="part">Where in a plain text they lie: from and to, as shares of its tokens.</param>
    /// <param name="skip">Items of the random order that come before the part.</param>
    /// <param name="limit">Items of the part; 0, or more than are left, takes the rest.</param>
    /// <param name="seed">Of the order.</param>
    /// <param name="encode">Token ids of a text.</param>
    /// <param name="decode">The text of token ids.</param>
    /// <param name="shots">What stands before the items, by all that the file has and those of the part; null for nothing.</param>
    /// <exception cref="ArgumentException">Nothing is left of the file, or there are no shots to be had.</exception>
    /// <exception cref="InvalidDataException">The file is malformed, or too short.</exception>
    public static EncodedSample Read(
        string path, int window, IReadOnlyList<double> part, int skip, int limit, ulong seed, Func<string, int[]> encode, Func<int[], string> decode, Func<ItemFile, IReadOnlyList<MultipleChoiceItem>, Shots>? shots = null)
    {
        if (window > 0 && !ItemFile.IsOne(path))
        {
            if (shots is not null)
            {
                throw new ArgumentException($"shots: {NoShots(path)}");
            }

            TextFile text = TextFile.Read(path);
            IReadOnlyList<EncodedItem> windows = TextItems.Windows(text, window, part[0], part[1], encode, decode);
            return new EncodedSample([.. ItemSample.Part(windows, skip, limit, seed)], ItemFormat.PlainText, text.Sha256, windows.Count);
        }

        ItemFile file = ItemFile.Read(path);
        IReadOnlyList<MultipleChoiceItem> items = ItemSample.Part(file.Items, skip, limit, seed);
        Shots before = shots?.Invoke(file, items) ?? Shots.None;
        return new EncodedSample(before.Encode(items, encode), file.Format, file.Sha256, file.Items.Count) { Shots = before };
    }

    /// <summary>Why a plain text takes no shots.</summary>
    internal static string NoShots(string path) => $"{path} is a plain text, which has no questions: take a file of items, or no shots";
}
