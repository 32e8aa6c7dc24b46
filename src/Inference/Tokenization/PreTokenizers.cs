namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Names of pre-tokenization rules, as GGUF's tokenizer.ggml.pre spells them. A converter names a file's rule after the model it was first seen
/// with, so one rule has many names (llama.cpp, llama-vocab.cpp).
/// </summary>
internal static class PreTokenizers
{
    /// <summary>Digits one by one, then GPT-2's pattern.</summary>
    public const string SmolLm = "smollm";

    /// <summary>GPT-2's pattern.</summary>
    public const string Gpt2 = "gpt-2";

    /// <summary>Llama 3's pattern: digits in groups of up to three.</summary>
    public const string LlamaBpe = "llama-bpe";

    /// <summary>Llama 3's pattern with digits one by one.</summary>
    public const string Qwen2 = "qwen2";

    /// <summary>What llama.cpp does where a file names no rule.</summary>
    public const string Default = "default";

    // Texts of these start with begin-of-text, and a piece that is a token is taken whole.
    private static readonly string[] Llama3 =
        [LlamaBpe, "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"];

    private static readonly Dictionary<string, string> Rules = new (string Rule, string[] Names)[]
    {
        (SmolLm, [SmolLm, "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"]),
        (Gpt2,
        [
            Gpt2, "gpt2", "phi-2", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "gigachat", "a.x-4.0", "mellum", "modern-bert", "exaone4", "mpt", "olmo",
            "jais", "trillion", "granite-docling",
        ]),
        (LlamaBpe, [.. Llama3, "dbrx", "smaug-bpe", "glm4", "chatglm-bpe"]),
        (Qwen2, [Qwen2, "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "solar-open", "grok-2"]),
        (Default, [Default]),
    }.SelectMany(rule => rule.Names.Select(name => (Name: name, rule.Rule))).ToDictionary(pair => pair.Name, pair => pair.Rule, StringComparer.Ordinal);

    /// <summary>All names, those of a rule one after the other.</summary>
    public static IEnumerable<string> Names => Rules.Keys;

    /// <summary>The rule of a name, by its first name; null where it is unknown.</summary>
    public static string? Rule(string name) => Rules.GetValueOrDefault(name);

    /// <summary>Whether a name implies that texts start with begin-of-text and that a piece which is a token is taken whole (ignore_merges).</summary>
    public static bool IsLlama3(string name) => Llama3.Contains(name);
}
