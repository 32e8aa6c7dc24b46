using System.Buffers;
using System.Globalization;
using System.Text;

namespace AdaptiveKv.Inference.Tokenization;

/// <summary>What the pre-tokenizers' patterns tell apart.</summary>
internal enum CharacterClass : byte
{
    /// <summary>[^\s\p{L}\p{N}], lone surrogates included.</summary>
    Other,

    /// <summary>\p{L}</summary>
    Letter,

    /// <summary>\p{N}</summary>
    Number,

    /// <summary>\s: the Unicode property White_Space; one UTF-16 unit each.</summary>
    Space,
}

/// <summary>Classifies the characters of UTF-16 text.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] Ascii = [.. Enumerable.Range(0, 128).Select(code => Classify(new Rune(code)))];

    /// <summary>Class of the character at <paramref name="index"/>.</summary>
    /// <param name="text">UTF-16 text.</param>
    /// <param name="index">A position inside it.</param>
    /// <param name="units">1, or 2 for a surrogate pair.</param>
    public static CharacterClass At(ReadOnlySpan<char> text, int index, out int units)
    {
        char first = text[index];
        if (first < 128)
        {
            units = 1;
            return Ascii[first];
        }

        OperationStatus status = Rune.DecodeFromUtf16(text[index..], out Rune rune, out units);
        return status == OperationStatus.Done ? Classify(rune) : CharacterClass.Other;
    }

    /// <summary>End of the run of one class that starts at <paramref name="start"/>.</summary>
    public static int RunEnd(ReadOnlySpan<char> text, int start, CharacterClass of)
    {
        int end = start;
        while (end < text.Length && At(text, end, out int units) == of)
        {
            end += units;
        }

        return end;
    }

    private static CharacterClass Classify(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        _ => Rune.IsWhiteSpace(rune) ? CharacterClass.Space : CharacterClass.Other,
    };
}
