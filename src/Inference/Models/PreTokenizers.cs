namespace AdaptiveKv.Inference.Models;

/// <summary>Names of pre-tokenization rules, as GGUF's tokenizer.ggml.pre spells them.</summary>
internal static class PreTokenizers
{
    /// <summary>Digits one by one, then GPT-2's pattern.</summary>
    public const string SmolLm = "smollm";

    /// <summary>GPT-2's pattern.</summary>
    public const string Gpt2 = "gpt-2";

    /// <summary>Llama 3's pattern: digits in groups of up to three; texts start with begin-of-text.</summary>
    public const string LlamaBpe = "llama-bpe";
}
