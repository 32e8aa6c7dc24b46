namespace AdaptiveKv.Inference.Tokenization;

/// <summary>What a byte-level BPE tokenizer is made of, as GGUF metadata or tokenizer.json state it.</summary>
/// <param name="Tokens">Token strings by id, in GPT-2's byte-to-character spelling (control tokens: literal text).</param>
/// <param name="Special">Whether the id is a control / special token, matched literally in the text before BPE.</param>
/// <param name="Merges">Merge rules in rank order, "left right".</param>
/// <param name="PreTokenizer">Pre-tokenization rule: "smollm", "gpt-2", "llama-bpe" ...; tokenizer.json's components are mapped to one of them.</param>
/// <param name="BeginOfText">Id put first when <paramref name="AddBeginOfText"/>; -1 where there is none.</param>
/// <param name="EndOfText">Id that ends a generation; -1 where there is none.</param>
/// <param name="AddBeginOfText">Whether a text starts with <paramref name="BeginOfText"/>.</param>
public sealed record TokenizerDefinition(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<bool> Special,
    IReadOnlyList<string> Merges,
    string PreTokenizer,
    int BeginOfText,
    int EndOfText,
    bool AddBeginOfText);
