using System.Text;

namespace AdaptiveKv.Data.Tasks;

/// <summary>What Python's methods of str make of a text, to the letter: lm-evaluation-harness cleans with them, and its prompts must be ours.</summary>
internal static class PythonText
{
    /// <summary>str.strip: Python counts the four separators of ASCII among the blanks, .NET does not.</summary>
    public static string Strip(string text) => TrimStart(TrimEnd(text));

    /// <summary>str.rstrip.</summary>
    public static string TrimEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && IsBlank(text[end - 1]))
        {
            end--;
        }

        return text[..end];
    }

    /// <summary>str.capitalize (Python 3.8 or newer): the first letter in title case, all others in lower case.</summary>
    public static string Capitalize(string text)
    {
        Rune[] letters = [.. text.EnumerateRunes()];
        StringBuilder result = new(text.Length);
        for (int i = 0; i < letters.Length; i++)
        {
            result.Append(i == 0 ? LetterTable.Title(letters[0]) : letters[i].Value == 'Σ' && IsFinal(letters, i) ? "ς" : LetterTable.Lower(letters[i]));
        }

        return result.ToString();
    }

    /// <summary>len: characters, not UTF-16 units.</summary>
    public static int Length(string text) => text.Length - text.Count(char.IsLowSurrogate);

    private static string TrimStart(string text)
    {
        int start = 0;
        while (start < text.Length && IsBlank(text[start]))
        {
            start++;
        }

        return text[start..];
    }

    private static bool IsBlank(char letter) => char.IsWhiteSpace(letter) || letter is >= '\u001C' and <= '\u001F';

    // Unicode's Final_Sigma: a cased letter comes before, none after.
    private static bool IsFinal(Rune[] letters, int sigma)
    {
        int before = sigma - 1;
        while (before >= 0 && LetterTable.IsIgnored(letters[before]))
        {
            before--;
        }

        int after = sigma + 1;
        while (after < letters.Length && LetterTable.IsIgnored(letters[after]))
        {
            after++;
        }

        return before >= 0 && LetterTable.IsCased(letters[before]) && (after == letters.Length || !LetterTable.IsCased(letters[after]));
    }
}
