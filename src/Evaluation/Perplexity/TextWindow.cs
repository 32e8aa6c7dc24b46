namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>A stretch of a text that is read from an empty cache.</summary>
/// <param name="Start">Place of its first token in the text.</param>
/// <param name="Length">Number of tokens.</param>
/// <param name="FirstScored">Place within the window of the first token that counts, at least 1: the ones before are context only.</param>
public readonly record struct TextWindow(int Start, int Length, int FirstScored)
{
    /// <summary>Tokens that count.</summary>
    public int Scored => Length - FirstScored;

    /// <summary>
    /// Cuts a text into windows of equal length, each <paramref name="stride"/> tokens after the one before. A token is scored in the first
    /// window that holds it; a text shorter than a window is one window; what is left at the end is not scored.
    /// </summary>
    /// <param name="tokens">Tokens of the text, at least 2.</param>
    /// <param name="length">Tokens per window, at least 2.</param>
    /// <param name="stride">1 to <paramref name="length"/>; shorter strides give each token more context, at more cost.</param>
    public static IReadOnlyList<TextWindow> Cut(int tokens, int length, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(stride, length);
        var windows = new List<TextWindow> { new(0, Math.Min(length, tokens), 1) };
        for (long start = stride; start + length <= tokens; start += stride)
        {
            windows.Add(new TextWindow((int)start, length, Math.Max(1, length - stride)));
        }

        return windows;
    }
}
