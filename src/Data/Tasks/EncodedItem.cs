using System.Text;

namespace AdaptiveKv.Data.Tasks;

/// <summary>An item as token ids: the tokens that all endings share, and each ending's own.</summary>
/// <param name="Item">The item.</param>
/// <param name="Context">At least one token.</param>
/// <param name="Endings">Per ending, the tokens after <paramref name="Context"/>; at least one.</param>
public sealed record EncodedItem(MultipleChoiceItem Item, int[] Context, int[][] Endings)
{
    /// <summary>Tokens of the context and its longest ending.</summary>
    public int Length => Context.Length + Endings.Max(ending => ending.Length);

    /// <summary>Tokens that all contexts of a sample begin with, its shots; they are run once. At least one token of the context is not among them.</summary>
    public int Shared { get; init; }

    /// <summary>Characters (Unicode's code points) per ending, without the blank before it: what acc_norm divides by.</summary>
    public int[] EndingCharacters { get; } = [.. Item.Endings.Select(PythonText.Length)];

    /// <summary>UTF-8 bytes per ending, without the blank before it: what acc_bytes divides by.</summary>
    public int[] EndingBytes { get; } = [.. Item.Endings.Select(Encoding.UTF8.GetByteCount)];

    /// <summary>The longest of some items.</summary>
    /// <param name="items">At least one.</param>
    /// <param name="contextLength">Most tokens that the model takes.</param>
    /// <exception cref="InvalidDataException">It does not fit.</exception>
    public static EncodedItem Longest(IReadOnlyList<EncodedItem> items, int contextLength)
    {
        EncodedItem longest = items.MaxBy(item => item.Length)!;
        return longest.Length <= contextLength
            ? longest
            : throw new InvalidDataException($"item '{longest.Item.Id}' has {longest.Length} tokens, more than the model's context of {contextLength}: leave it out, take fewer shots or another model");
    }

    /// <summary>
    /// Splits the tokens of (context + " " + ending) where those of the context end, as lm-evaluation-harness does; blanks that end the context
    /// belong to the ending, for most tokenizers join a blank with the word after it. Should an ending's first letters merge with
    /// the context's last ones, every ending starts at the first token that is not common to all, so that all are scored over the same text.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="encode">Token ids of a text.</param>
    /// <exception cref="InvalidDataException">The context has no token of its own.</exception>
    public static EncodedItem Encode(MultipleChoiceItem item, Func<string, int[]> encode)
    {
        int[] context = encode(PythonText.TrimEnd(item.Context));
        int[][] whole = [.. item.Endings.Select(ending => encode($"{item.Context} {ending}"))];
        int shared = whole.Min(tokens => tokens.AsSpan().CommonPrefixLength(context));
        return shared > 0
            ? new EncodedItem(item, context[..shared], [.. whole.Select(tokens => tokens[shared..])])
            : throw new InvalidDataException($"item '{item.Id}': its context '{item.Context}' has no token that all endings share: a longer context is needed");
    }
}
