using AdaptiveKv.Files;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>Recognizes the pre-tokenization rule that the components in tokenizer.json make up.</summary>
internal static class PreTokenizerRecognition
{
    private const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Qwen2Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The rule's name.</summary>
    /// <param name="root">tokenizer.json.</param>
    /// <exception cref="ModelFormatException">The components make up no rule that is supported; names them.</exception>
    public static string Name(JsonFields root)
    {
        if (root.OptionalObject("pre_tokenizer") is not JsonFields preTokenizer)
        {
            throw root.Error("pre_tokenizer", "is missing; byte-level BPE has one");
        }

        List<JsonFields> parts = preTokenizer.OptionalText("type") == "Sequence"
            ? [.. preTokenizer.Objects("pretokenizers")]
            : [preTokenizer];
        return parts switch
        {
            [JsonFields bytes] when IsByteLevel(bytes, splits: true) => PreTokenizers.Gpt2,
            [JsonFields digits, JsonFields bytes] when IsDigits(digits) && IsByteLevel(bytes, splits: true) => PreTokenizers.SmolLm,
            [JsonFields split, JsonFields bytes] when IsSplit(split, Llama3Pattern) && IsByteLevel(bytes, splits: false) => PreTokenizers.LlamaBpe,
            [JsonFields split, JsonFields bytes] when IsSplit(split, Qwen2Pattern) && IsByteLevel(bytes, splits: false) => PreTokenizers.Qwen2,
            _ => throw root.Error(
                "pre_tokenizer",
                $"{string.Join(" + ", parts.Select(part => part.OptionalText("type") ?? "?"))} with these options is not supported; "
                    + "GPT-2's, SmolLM's, Llama 3's and Qwen 2's are"),
        };
    }

    private static bool IsByteLevel(JsonFields part, bool splits) =>
        part.OptionalText("type") == "ByteLevel"
            && !part.Flag("add_prefix_space", otherwise: true)
            && part.Flag("use_regex", otherwise: true) == splits;

    private static bool IsDigits(JsonFields part) => part.OptionalText("type") == "Digits" && part.Flag("individual_digits");

    // The patterns match every character: keeping the matches and removing what is between them is the same.
    private static bool IsSplit(JsonFields part, string pattern) =>
        part.OptionalText("type") == "Split"
        && part.OptionalObject("pattern")?.OptionalText("Regex") == pattern
        && (part.OptionalText("behavior"), part.Flag("invert")) is ("Isolated", false) or ("Removed", true);
}
