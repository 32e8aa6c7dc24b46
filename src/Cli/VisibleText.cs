using System.Globalization;
using System.Text;

namespace AdaptiveKv.Cli;

/// <summary>
/// Text of files and models as a terminal may have it: what would move its cursor, change its colours or turn the direction of reading
/// (control characters, and the bidirectional ones of CVE-2021-42574) is shown as <c>\u001b</c>, as JSON writes it.
/// </summary>
internal static class VisibleText
{
    /// <summary>Text of any number of lines.</summary>
    public static string Of(string text) => Escaped(text, character => character is '\n' or '\t');

    /// <summary>Text that has to stay on one line: its breaks are shown, too.</summary>
    public static string OnOneLine(string text) => Escaped(text, _ => false);

    /// <summary>Whether a character is shown as its code, unless it is a break.</summary>
    public static bool IsHidden(char character) =>
        char.IsControl(character) || character is '\u061c' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    private static string Escaped(string text, Func<char, bool> isKept)
    {
        if (!text.Any(character => IsHidden(character) && !isKept(character)))
        {
            return text;
        }

        StringBuilder shown = new();
        foreach (char character in text)
        {
            _ = character switch
            {
                _ when !IsHidden(character) || isKept(character) => shown.Append(character),
                '\n' => shown.Append("\\n"),
                '\r' => shown.Append("\\r"),
                '\t' => shown.Append("\\t"),
                _ => shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
            };
        }

        return shown.ToString();
    }
}
