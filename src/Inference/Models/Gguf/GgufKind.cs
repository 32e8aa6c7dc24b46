using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>Tells by its first bytes what a file is that is no GGUF file, so that the refusal can say what to do.</summary>
internal static class GgufKind
{
    private const int MagicBytes = 4;

    /// <summary>Why the file is refused; null for a GGUF file.</summary>
    public static string? Refusal(ModelFile file)
    {
        Span<byte> first = stackalloc byte[10];
        first = first[..(int)Math.Min(first.Length, file.Length)];
        file.Read("magic", 0, first);
        return first switch
        {
            _ when first.StartsWith("GGUF"u8) => null,
            { Length: < MagicBytes } => $"the file has {file.Length} bytes; it is empty or truncated",
            _ when first.StartsWith("FUGG"u8) => "a byte-swapped GGUF file; only little-endian files can be read",
            [(byte)'t' or (byte)'l' or (byte)'f', (byte)'j' or (byte)'m', (byte)'g', (byte)'g', ..] =>
                "a GGML file from before GGUF; convert the model again with a current converter",
            [_, _, _, _, _, _, 0, 0, (byte)'{', ..] =>
                "looks like a safetensors file; give the folder it is in, with config.json and tokenizer.json",
            _ => ForeignFile.Description(file) ?? "neither a GGUF file nor a Hugging Face folder",
        };
    }
}
