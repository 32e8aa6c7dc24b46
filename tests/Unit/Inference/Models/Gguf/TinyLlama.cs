using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Unit.Inference.Models.Gguf;

/// <summary>
/// The smallest whole Llama model: 1 layer, hidden 32, 2 query heads and 1 KV head of 16, 6 tokens; weights are all 0 but the norms.
/// </summary>
internal static class TinyLlama
{
    public static string[] Tokens { get; } = ["<|end|>", "a", "b", "c", "ab", "abc"];

    public static string[] Merges { get; } = ["a b", "ab c"];

    public static GgufBuilder Builder(TensorType type = TensorType.Q4_0)
    {
        GgufBuilder builder = new GgufBuilder()
            .Set("general.architecture", "llama")
            .Set("general.name", "tiny")
            .Set("llama.block_count", 1u)
            .Set("llama.context_length", 64u)
            .Set("llama.embedding_length", 32u)
            .Set("llama.feed_forward_length", 64u)
            .Set("llama.attention.head_count", 2u)
            .Set("llama.attention.head_count_kv", 1u)
            .Set("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .Set("llama.rope.freq_base", 10000f)
            .Set("llama.rope.dimension_count", 16u)
            .Set("llama.vocab_size", 6u)
            .Set("tokenizer.ggml.model", "gpt2")
            .Set("tokenizer.ggml.pre", "smollm")
            .Set("tokenizer.ggml.tokens", Tokens)
            .Set("tokenizer.ggml.token_type", (int[])[3, 1, 1, 1, 1, 1])
            .Set("tokenizer.ggml.merges", Merges)
            .Set("tokenizer.ggml.bos_token_id", 0u)
            .Set("tokenizer.ggml.eos_token_id", 0u)
            .Set("tokenizer.ggml.add_bos_token", false);
        LlamaShape shape = new(1, 32, 64, 2, 1, 16, 6, 64, 10000f, 1e-5f, RotaryLayout.Interleaved, TiedOutput: true);
        foreach ((string name, int rows, int columns) in LlamaTensors.Of(shape))
        {
            builder.Add(rows == 1 ? Norm(name, columns) : Matrix(name, rows, columns, type));
        }

        return builder;
    }

    public static GgufBuilder.Tensor Norm(string name, int columns) =>
        new(name, [(ulong)columns], (uint)TensorType.F32, [.. Enumerable.Repeat(1f, columns).SelectMany(BitConverter.GetBytes)]);

    public static GgufBuilder.Tensor Matrix(string name, int rows, int columns, TensorType type) =>
        new(name, [(ulong)columns, (ulong)rows], (uint)type, new byte[rows * WeightFormats.RowBytes(type, columns)]);
}
