namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// GPT-2: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c> (Radford et al. 2019). With
/// numbers apart (SmolLM) the text is first cut around every single <c>\p{N}</c>, and the pattern sees each part alone.
/// </summary>
internal sealed class Gpt2PreTokenizer(bool numbersApart) : PreTokenizer
{
    public override int PieceLength(ReadOnlySpan<char> text)
    {
        int contraction = ContractionLength(text, ignoreCase: false);
        if (contraction > 0)
        {
            return contraction;
        }

        CharacterClass first = CharacterClasses.At(text, 0, out int units);
        if (first != CharacterClass.Space)
        {
            return first == CharacterClass.Number && numbersApart ? units : CharacterClasses.RunEnd(text, 0, first);
        }

        int end = CharacterClasses.RunEnd(text, 0, CharacterClass.Space);
        if (end == text.Length)
        {
            return end;
        }

        CharacterClass following = CharacterClasses.At(text, end, out _);
        if (following == CharacterClass.Number && numbersApart)
        {
            return end;
        }

        if (end > 1)
        {
            return end - 1;
        }

        return text[0] == ' ' ? CharacterClasses.RunEnd(text, 1, following) : 1;
    }
}
