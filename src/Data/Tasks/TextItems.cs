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
    /// <param name="encode">Token ids of a text.</param>
    /// <param name="decode">The text of token ids.</param>
    /// <exception cref="InvalidDataException">The text is shorter than a window.</exception>
    public static IReadOnlyList<EncodedItem> Windows(TextFile text, int length, Func<string, int[]> encode, Func<int[], string> decode)
    {
        int[] tokens = encode(text.Text);
        if (tokens.Length < length)
        {
            throw new InvalidDataException($"{text.Path}: {tokens.Length} tokens are less than a window of {length}: take a longer text, or shorter windows");
        }

        return [.. Enumerable.Range(0, tokens.Length / length).Select(window =>
        {
            int[] own = tokens[(window * length)..((window + 1) * length)];
            return Of(new MultipleChoiceItem($"{window * length}", string.Empty, [decode(own)], 0), own);
        })];
    }

    private static EncodedItem Of(MultipleChoiceItem text, int[] tokens) => new(text, tokens[..1], [tokens[1..]]);
}
