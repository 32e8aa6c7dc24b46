using System.Text;

namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// What llama.cpp does where a file names no rule, one expression after the other on the parts that the one before leaves:
/// <c>[\p{P}$+&lt;=&gt;^~|]+</c>, GPT-2's pattern, <c>\p{N}+</c>, <c>[0-9][0-9][0-9]</c>.
/// </summary>
internal sealed class DefaultPreTokenizer : PreTokenizer
{
    private const int DigitGroup = 3;

    public override int PieceLength(ReadOnlySpan<char> text)
    {
        CharacterClass first = CharacterClasses.At(text, 0, out int units);
        if (IsMark(text))
        {
            return MarksEnd(text);
        }

        if (first == CharacterClass.Number)
        {
            return DigitsLength(text);
        }

        if (first != CharacterClass.Space)
        {
            return RunEnd(text, first);
        }

        // The end of a part is no \S: white space before a mark stays whole.
        int end = CharacterClasses.RunEnd(text, 0, CharacterClass.Space);
        if (end == text.Length || IsMark(text[end..]))
        {
            return end;
        }

        if (end > 1)
        {
            return end - 1;
        }

        CharacterClass following = CharacterClasses.At(text, end, out units);
        return text[0] == ' ' && following != CharacterClass.Number ? end + RunEnd(text[end..], following) : end;
    }

    /// <summary>Three ASCII digits where the number's next three are that, else what comes before the next such three.</summary>
    private static int DigitsLength(ReadOnlySpan<char> text)
    {
        int end = 0;
        while (end < text.Length && CharacterClasses.At(text, end, out int units) == CharacterClass.Number)
        {
            if (text.Length - end >= DigitGroup && !text.Slice(end, DigitGroup).ContainsAnyExceptInRange('0', '9'))
            {
                return end == 0 ? DigitGroup : end;
            }

            end += units;
        }

        return end;
    }

    /// <summary>End of a run of one class without marks.</summary>
    private static int RunEnd(ReadOnlySpan<char> text, CharacterClass of)
    {
        int end = 0;
        while (end < text.Length && CharacterClasses.At(text, end, out int units) == of && !IsMark(text[end..]))
        {
            end += units;
        }

        return end;
    }

    private static int MarksEnd(ReadOnlySpan<char> text)
    {
        int end = 0;
        while (end < text.Length && IsMark(text[end..]))
        {
            _ = CharacterClasses.At(text, end, out int units);
            end += units;
        }

        return end;
    }

    /// <summary>Whether a text starts with punctuation or one of $ + &lt; = &gt; ^ ~ |.</summary>
    private static bool IsMark(ReadOnlySpan<char> text) =>
        text[0] is '$' or '+' or '<' or '=' or '>' or '^' or '~' or '|' || (Rune.DecodeFromUtf16(text, out Rune rune, out _) == System.Buffers.OperationStatus.Done && Rune.IsPunctuation(rune));
}
