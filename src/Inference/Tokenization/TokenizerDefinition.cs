namespace AdaptiveKv.Inference.Tokenization;

/// <summary>What a byte-level BPE tokenizer is made of, as GGUF metadata or tokenizer.json state it.</summary>
/// <param name="Tokens">Token strings by id, in GPT-2's byte-to-character spelling (control tokens: literal text).</param>
/// <param name="Special">Whether the id is matched literally in the text before BPE.</param>
/// <param name="Merges">Merge rules in rank order, "left right".</param>
/// <param name="PreTokenizer">Pre-tokenization rule, by a name that GGUF has for it; tokenizer.json's components are mapped to one of them.</param>
/// <param name="BeginOfText">Id put first when <paramref name="AddBeginOfText"/>; -1 where there is none.</param>
/// <param name="EndTokens">Ids that end a generation (end of text, end of turn), the one the file names first in front; none where it has none.</param>
/// <param name="AddBeginOfText">Whether a text starts with <paramref name="BeginOfText"/>.</param>
public sealed record TokenizerDefinition(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<bool> Special,
    IReadOnlyList<string> Merges,
    string PreTokenizer,
    int BeginOfText,
    IReadOnlyList<int> EndTokens,
    bool AddBeginOfText)
{
    /// <summary>What a GGUF file has no key for.</summary>
    public TokenizerDetails Details { get; init; } = TokenizerDetails.Usual;
}
