namespace AdaptiveKv.Data.Tasks;

/// <summary>A stretch of a text that is read from an empty cache; each token read predicts the next one.</summary>
/// <param name="Start">Place of its first token in the text.</param>
/// <param name="Length">Tokens read.</param>
/// <param name="Context">Tokens read first whose predictions do not count: an earlier window made them.</param>
public readonly record struct TextWindow(int Start, int Length, int Context)
{
    /// <summary>
    /// Cuts a text into windows of equal length, each <paramref name="stride"/> tokens after the one before, so that every token but the
    /// text's first is predicted once. A text shorter than a window is one window; what is left at the end is not scored.
    /// </summary>
    /// <param name="tokens">Tokens of the text, at least 2.</param>
    /// <param name="length">Tokens read per window, at least 1.</param>
    /// <param name="stride">1 to <paramref name="length"/>; shorter strides give each prediction more context, at more cost.</param>
    public static IReadOnlyList<TextWindow> Cut(int tokens, int length, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(stride, length);
        int predictable = tokens - 1;
        var windows = new List<TextWindow> { new(0, Math.Min(length, predictable), 0) };
        for (long start = stride; start + length <= predictable; start += stride)
        {
            windows.Add(new TextWindow((int)start, length, length - stride));
        }

        return windows;
    }
}
