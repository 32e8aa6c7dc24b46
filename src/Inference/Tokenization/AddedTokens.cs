using System.Globalization;
using System.Text;

namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Cuts a text around the tokens that are spelled literally in it, as the reference does (huggingface/tokenizers, added_vocabulary.rs): first
/// around those that are not normalized, then, in what is left, around those that are.
/// </summary>
internal sealed class AddedTokens
{
    private readonly SpecialTokens[] rounds;
    private readonly IReadOnlyDictionary<int, AddedToken> rules;

    /// <exception cref="Files.ModelFormatException">A literal is over-long.</exception>
    public AddedTokens(TokenizerDefinition definition, string path)
    {
        rules = definition.Details.Added;
        bool[] later = [.. definition.Special.Select((special, id) => special && RuleOf(id).IsNormalized)];
        bool[] first = [.. definition.Special.Select((special, id) => special && !later[id])];
        rounds = [new SpecialTokens(definition.Tokens, first, path), .. later.Contains(true) ? [new SpecialTokens(definition.Tokens, later, path)] : Array.Empty<SpecialTokens>()];
    }

    /// <summary>Id of the token with this literal text; -1 where there is none.</summary>
    public int Find(string literal) => rounds.Select(round => round.Find(literal)).FirstOrDefault(id => id >= 0, -1);

    /// <summary>Adds the tokens of a text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="control">Whether control tokens are matched.</param>
    /// <param name="foreign">By character, whether no control token may contain it; empty where all may.</param>
    /// <param name="between">Adds the tokens of the parts without literals.</param>
    /// <param name="tokens">Receives the literals' ids.</param>
    public void Encode(ReadOnlySpan<char> text, bool control, ReadOnlySpan<bool> foreign, PartEncoder between, List<int> tokens) =>
        Encode(text, 0, control, foreign, between, tokens);

    private void Encode(ReadOnlySpan<char> text, int round, bool control, ReadOnlySpan<bool> foreign, PartEncoder between, List<int> tokens)
    {
        if (round == rounds.Length)
        {
            between(text, tokens);
            return;
        }

        int done = 0;
        for (int at = 0; rounds[round].TryFindFirst(text[at..], out int start, out int length, out int id);)
        {
            (int from, int to) = (at + start, at + start + length);
            at = to;
            AddedToken rule = RuleOf(id);
            bool isRefused = !control || (!foreign.IsEmpty && foreign[from..to].Contains(true));
            if ((rule.IsControl && isRefused) || (rule.IsSingleWord && IsWithinWord(text, from, to)))
            {
                continue;
            }

            from = rule.StripsLeft ? Math.Max(text[..from].TrimEnd().Length, done) : from;
            to = rule.StripsRight ? text.Length - text[to..].TrimStart().Length : to;
            if (from > done)
            {
                Encode(text[done..from], round + 1, control, foreign.IsEmpty ? foreign : foreign[done..from], between, tokens);
            }

            // A token of white space may lie in what the one before took with it: it is a token all the same, unless it too reaches back.
            if (from < to)
            {
                tokens.Add(id);
            }

            done = to;
        }

        if (done < text.Length)
        {
            Encode(text[done..], round + 1, control, foreign.IsEmpty ? foreign : foreign[done..], between, tokens);
        }
    }

    private AddedToken RuleOf(int id) => rules.GetValueOrDefault(id, AddedToken.Control);

    private static bool IsWithinWord(ReadOnlySpan<char> text, int from, int to) =>
        (from > 0 && Rune.DecodeLastFromUtf16(text[..from], out Rune before, out _) == System.Buffers.OperationStatus.Done && IsWord(before))
        || (to < text.Length && Rune.DecodeFromUtf16(text[to..], out Rune after, out _) == System.Buffers.OperationStatus.Done && IsWord(after));

    /// <summary>\w of Unicode's regular expressions (UTS 18, annex C): letters, marks, decimal digits, connectors, joiners, enclosed letters.</summary>
    private static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        _ => rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
    };

    /// <summary>Adds the tokens of a text without literals.</summary>
    public delegate void PartEncoder(ReadOnlySpan<char> text, List<int> tokens);
}
