namespace AdaptiveKv.Evaluation.Plots;

/// <summary>Text that may stand in a page: XML has no place for control characters and lone surrogates.</summary>
internal static class Printable
{
    /// <summary>The text on one line; what cannot be shown is U+FFFD.</summary>
    public static string Of(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.Value switch
    {
        '\t' or '\n' or '\r' => " ",
        < 0x20 or 0x7f or 0xfffe or 0xffff => "\uFFFD",
        _ => rune.ToString(),
    }));
}
