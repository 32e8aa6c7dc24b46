namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Llama 3: <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// Qwen 2 has <c>\p{N}</c> in place of <c>\p{N}{1,3}</c>.
/// </summary>
internal sealed class Llama3PreTokenizer(int mostNumbers) : PreTokenizer
{
    public override int PieceLength(ReadOnlySpan<char> text)
    {
        int contraction = ContractionLength(text, ignoreCase: true);
        if (contraction > 0)
        {
            return contraction;
        }

        CharacterClass first = CharacterClasses.At(text, 0, out int units);
        if (first == CharacterClass.Letter)
        {
            return CharacterClasses.RunEnd(text, 0, first);
        }

        if (first == CharacterClass.Number)
        {
            return NumbersEnd(text);
        }

        CharacterClass? second = units < text.Length ? CharacterClasses.At(text, units, out _) : null;
        if (second == CharacterClass.Letter && text[0] is not ('\r' or '\n'))
        {
            return CharacterClasses.RunEnd(text, units, CharacterClass.Letter);
        }

        if (first == CharacterClass.Other || (text[0] == ' ' && second == CharacterClass.Other))
        {
            int end = CharacterClasses.RunEnd(text, text[0] == ' ' ? 1 : 0, CharacterClass.Other);
            int lineEnds = text[end..].IndexOfAnyExcept('\r', '\n');
            return lineEnds < 0 ? text.Length : end + lineEnds;
        }

        return SpacesEnd(text);
    }

    private int NumbersEnd(ReadOnlySpan<char> text)
    {
        int end = 0;
        for (int count = 0; count < mostNumbers && end < text.Length; count++)
        {
            if (CharacterClasses.At(text, end, out int units) != CharacterClass.Number)
            {
                break;
            }

            end += units;
        }

        return end;
    }

    private static int SpacesEnd(ReadOnlySpan<char> text)
    {
        int end = CharacterClasses.RunEnd(text, 0, CharacterClass.Space);
        int lineEnd = text[..end].LastIndexOfAny('\r', '\n');
        if (lineEnd >= 0)
        {
            return lineEnd + 1;
        }

        return end == text.Length || end == 1 ? end : end - 1;
    }
}
