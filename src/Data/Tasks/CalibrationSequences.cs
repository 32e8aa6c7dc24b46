namespace AdaptiveKv.Data.Tasks;

/// <summary>Token sequences that a calibration reads, drawn at random from a text or from items.</summary>
/// <param name="Sequences">Each to be read from an empty cache.</param>
/// <param name="DataSha256">SHA-256 of the file they come from.</param>
public sealed record CalibrationSequences(IReadOnlyList<int[]> Sequences, string DataSha256)
{
    /// <summary>Tokens in all.</summary>
    public int Tokens => Sequences.Sum(sequence => sequence.Length);

    /// <summary>Draws from a file: windows of a plain text, or items of any known format, each with its right ending.</summary>
    /// <param name="path">The file; what it is shows in its content.</param>
    /// <param name="encode">Token ids of a text.</param>
    /// <param name="tokens">Tokens wanted in all.</param>
    /// <param name="window">Most tokens of a sequence.</param>
    /// <param name="seed">The same seed gives the same sequences.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is malformed or holds fewer tokens.</exception>
    public static CalibrationSequences Draw(string path, Func<string, int[]> encode, int tokens, int window, ulong seed)
    {
        if (ItemFile.IsOne(path))
        {
            ItemFile items = ItemFile.Read(path);
            return new CalibrationSequences(OfItems(items, encode, tokens, window, seed), items.Sha256);
        }

        TextFile text = TextFile.Read(path);
        return new CalibrationSequences(OfText(path, encode(text.Text), [], tokens, window, seed), text.Sha256);
    }

    /// <summary>Draws windows of a text outside of those that are measured.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Its tokens.</param>
    /// <param name="measured">Windows whose tokens, and the one that follows, are left out.</param>
    /// <param name="tokens">As in <see cref="Draw"/>.</param>
    /// <param name="window">As in <see cref="Draw"/>.</param>
    /// <param name="seed">As in <see cref="Draw"/>.</param>
    public static CalibrationSequences Outside(TextFile text, int[] ids, IReadOnlyList<TextWindow> measured, int tokens, int window, ulong seed) =>
        new(OfText(text.Path, ids, measured, tokens, window, seed), text.Sha256);

    private static List<int[]> OfText(string path, int[] ids, IReadOnlyList<TextWindow> measured, int tokens, int window, ulong seed)
    {
        window = Math.Min(window, tokens);
        int[] starts = [.. Enumerable.Range(0, ids.Length / window).Select(slot => slot * window).Where(start => measured.All(other => !Overlap(other, start, window)))];
        int wanted = (tokens + window - 1) / window;
        if (wanted > starts.Length)
        {
            throw new InvalidDataException(
                $"{path}: {starts.Length} windows of {window} tokens{(measured.Count > 0 ? " outside the measured ones" : "")}, too few for {tokens} tokens: take a longer text or fewer tokens");
        }

        List<int[]> drawn = [.. RandomDraw.Indices(starts.Length, wanted, seed).Select(index => ids.AsSpan(starts[index], window).ToArray())];
        drawn[^1] = drawn[^1][..(tokens - ((wanted - 1) * window))];
        return drawn;
    }

    private static bool Overlap(TextWindow measured, int start, int length) => start <= measured.Start + measured.Length && measured.Start < start + length;

    private static List<int[]> OfItems(ItemFile file, Func<string, int[]> encode, int tokens, int window, ulong seed)
    {
        var drawn = new List<int[]>();
        int left = tokens;
        foreach (int index in RandomDraw.Indices(file.Items.Count, file.Items.Count, seed))
        {
            MultipleChoiceItem item = file.Items[index];
            int[] ids = encode($"{item.Context} {item.Endings[item.Label]}");
            drawn.Add(ids[..Math.Min(ids.Length, Math.Min(window, left))]);
            left -= drawn[^1].Length;
            if (left == 0)
            {
                return drawn;
            }
        }

        throw new InvalidDataException($"{file.Path}: {file.Items.Count} items of {tokens - left} tokens in all, too few for {tokens} tokens: take more items or fewer tokens");
    }
}
