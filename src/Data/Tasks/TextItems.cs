namespace AdaptiveKv.Data.Tasks;

/// <summary>Texts in the form of items: the first token is the context, all others are the only ending.</summary>
public static class TextItems
{
    /// <summary>An item's context and right ending as one text.</summary>
    public static EncodedItem Of(EncodedItem item)
    {
        int label = item.Item.Label;
        MultipleChoiceItem text = new(item.Item.Id, item.Item.Context, [$"{item.Item.Context} {item.Item.Endings[label]}"], 0);
        return Of(text, [.. item.Context, .. item.Endings[label]]);
    }

    /// <summary>Windows of a text, each named after the place of its first token; what is left at the end is no window.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Tokens of a window, two at least.</param>
    /// <param name="begin">The share of the text's tokens before the first window.</param>
    /// <param name="end">The share of the text's tokens before the end of the last.</param>
    /// <param name="encode">Token ids of a text.</param>
    /// <param name="decode">The text of token ids.</param>
    /// <exception cref="InvalidDataException">The text, or that part of it, is shorter than a window.</exception>
    public static IReadOnlyList<EncodedItem> Windows(TextFile text, int length, double begin, double end, Func<string, int[]> encode, Func<int[], string> decode)
    {
        int[] tokens = encode(text.Text);
        EncodedItem[] windows =
        [
            .. from window in Enumerable.Range(0, tokens.Length / length)
               let start = window * length
               where start >= begin * tokens.Length && start + length <= end * tokens.Length
               let own = tokens[start..(start + length)]
               select Of(new MultipleChoiceItem($"{start}", string.Empty, [decode(own)], 0), own),
        ];
        return windows.Length > 0
            ? windows
            : throw new InvalidDataException($"{text.Path}: the part from {begin} to {end} of {tokens.Length} tokens has no whole window of {length}: take a longer text, a larger part or shorter windows");
    }

    private static EncodedItem Of(MultipleChoiceItem text, int[] tokens) => new(text, tokens[..1], [tokens[1..]]);
}
