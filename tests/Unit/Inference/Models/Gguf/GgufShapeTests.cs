using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;

namespace AdaptiveKv.Unit.Inference.Models.Gguf;

/// <summary>Hyper-parameters and the tensors they ask for (G9, G22, G23).</summary>
public sealed class GgufShapeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("llama.attention.head_count", 0u, "at least 1", "number of heads")]
    [InlineData("llama.attention.head_count_kv", 0u, "at least 1", "number of KV heads")]
    [InlineData("llama.attention.head_count_kv", 3u, "a divisor of the 2 query heads", "number of KV heads")]
    [InlineData("llama.block_count", 0u, "at least 1", "number of layers")]
    [InlineData("llama.feed_forward_length", 0u, "at least 1", "feed-forward length")]
    [InlineData("llama.context_length", 0u, "at least 1", "context length")]
    public void G22_numbers_that_make_no_decoder_are_refused(string key, uint value, string problem, string field)
    {
        GgufBuilder builder = TinyLlama.Builder().Set("llama.attention.key_length", 16u).Set(key, value);

        Refusal.Of(builder, field, problem);
    }

    [Theory]
    [InlineData("llama.rope.freq_base", float.NaN, "rotary base")]
    [InlineData("llama.rope.freq_base", 0f, "rotary base")]
    [InlineData("llama.rope.freq_base", -1f, "rotary base")]
    [InlineData("llama.rope.freq_base", float.PositiveInfinity, "rotary base")]
    [InlineData("llama.attention.layer_norm_rms_epsilon", float.NaN, "RMSNorm epsilon")]
    [InlineData("llama.attention.layer_norm_rms_epsilon", 0f, "RMSNorm epsilon")]
    [InlineData("llama.attention.layer_norm_rms_epsilon", float.NegativeInfinity, "RMSNorm epsilon")]
    public void G22_reals_are_finite_and_positive(string key, float value, string field) =>
        Refusal.Of(TinyLlama.Builder().Set(key, value), field, "must be");

    [Fact]
    public void G22_heads_divide_the_embedding_where_no_head_dimension_is_stated()
    {
        Refusal.Of(TinyLlama.Builder().Set("llama.attention.head_count", 3u), "head dimension", "3 heads do not divide");
        Refusal.Of(TinyLlama.Builder().Set("llama.attention.head_count", 0u), "head dimension", "0 heads do not divide");
        Refusal.Of(
            TinyLlama.Builder().Set("llama.attention.head_count", 32u).Set("llama.rope.dimension_count", 1u), "head dimension", "even");
    }

    [Fact]
    public void G22_a_head_dimension_that_overflows_is_refused()
    {
        GgufBuilder builder = TinyLlama.Builder().Without("llama.rope.dimension_count")
            .Set("llama.attention.key_length", 1u << 30).Set("llama.attention.head_count", 1u << 30)
            .Set("llama.attention.head_count_kv", 1u);

        Refusal.Of(builder, "number of heads", "2^31");
    }

    [Fact]
    public void G23_tensor_shapes_follow_the_hyper_parameters()
    {
        Refusal.Of(
            TinyLlama.Builder().Set("llama.embedding_length", 64u).Set("llama.attention.head_count", 4u),
            "token_embd.weight",
            "is 6 x 32; the hyper-parameters ask for 6 x 64");
        Refusal.Of(TinyLlama.Builder().Set("llama.attention.head_count_kv", 2u), "blk.0.attn_k.weight", "is 16 x 32");
        Refusal.Of(TinyLlama.Builder().Set("llama.feed_forward_length", int.MaxValue), "blk.0.ffn_gate.weight", "64 x 32");
    }

    [Fact]
    public void G23_missing_and_extra_tensors_are_refused()
    {
        Refusal.Of(TinyLlama.Builder().WithoutTensor("blk.0.attn_v.weight"), "blk.0.attn_v.weight", "missing");
        Refusal.Of(TinyLlama.Builder().Set("llama.block_count", int.MaxValue), "blk.1.attn_norm.weight", "missing");
        Refusal.Of(
            TinyLlama.Builder().Add(TinyLlama.Norm("blk.1.attn_norm.weight", 32)),
            "blk.1.attn_norm.weight",
            "no tensor of a Llama decoder");
        Refusal.Of(TinyLlama.Builder().Add(TinyLlama.Norm("blk.0.attn_q.bias", 32)), "blk.0.attn_q.bias", "biases");
        Refusal.Of(TinyLlama.Builder().Add(TinyLlama.Norm("rope_freqs.weight", 8)), "rope_freqs.weight", "rotary frequencies");
        Refusal.Of(TinyLlama.Builder().Add(TinyLlama.Norm("blk.0.ffn_gate_inp.weight", 32)), "blk.0.ffn_gate_inp.weight", "experts");
    }

    [Fact]
    public void G9_a_value_of_another_type_is_refused_and_never_cast()
    {
        Refusal.Of(TinyLlama.Builder().Set("llama.block_count", 1f), "llama.block_count", "is Float32; an integer is expected");
        Refusal.Of(TinyLlama.Builder().Set("llama.block_count", "1"), "llama.block_count", "is String");
        Refusal.Of(
            TinyLlama.Builder().Set("llama.attention.head_count_kv", (int[])[1]), "llama.attention.head_count_kv", "is an array of Int32");
        Refusal.Of(
            TinyLlama.Builder().Set("llama.rope.freq_base", 10000u),
            "llama.rope.freq_base",
            "is UInt32; a floating-point number is expected");
        Refusal.Of(TinyLlama.Builder().Set("general.architecture", 7u), "general.architecture", "is UInt32; a string is expected");
        Refusal.Of(TinyLlama.Builder().Set("llama.block_count", -1), "llama.block_count", "is -1");
        Refusal.Of(TinyLlama.Builder().Set("llama.block_count", ulong.MaxValue), "llama.block_count", "is 18446744073709551615");
        Refusal.Of(TinyLlama.Builder().Without("llama.block_count"), "llama.block_count", "missing");
    }

    [Fact]
    public void Other_architectures_and_variants_are_refused_by_name()
    {
        Refusal.Of(TinyLlama.Builder().Set("general.architecture", "qwen2"), "general.architecture", "is \"qwen2\"; only \"llama\"");
        Refusal.Of(TinyLlama.Builder().Set("llama.rope.scaling.type", "yarn"), "llama.rope.scaling.type", "yarn scaling");
        Refusal.Of(
            TinyLlama.Builder().Set("llama.rope.scaling.type", "linear").Set("llama.rope.scaling.factor", 4f),
            "llama.rope.scaling.type",
            "factor 4");
        Refusal.Of(TinyLlama.Builder().Set("llama.rope.scale_linear", 2f), "llama.rope.scaling.type", "factor 2");
        Refusal.Of(TinyLlama.Builder().Set("llama.rope.dimension_count", 8u), "llama.rope.dimension_count", "partial rotary");
        Refusal.Of(TinyLlama.Builder().Set("llama.attention.value_length", 8u), "llama.attention.value_length", "must be 16");
        Refusal.Of(TinyLlama.Builder().Set("llama.expert_count", 8u), "llama.expert_count", "8 experts");
    }

    [Fact]
    public void Optional_keys_have_the_defaults_of_the_format()
    {
        GgufBuilder builder = TinyLlama.Builder().Set("llama.attention.head_count", (byte)2).Set("llama.attention.head_count_kv", 1L)
            .Without("llama.rope.freq_base").Without("llama.rope.dimension_count").Without("llama.vocab_size")
            .Set("llama.rope.scaling.type", "none").Set("llama.rope.scaling.factor", 8f)
            .Set("llama.attention.layer_norm_rms_epsilon", 1e-5);

        using ModelSource model = ModelFormats.Open(folder.Write("model.gguf", builder.Build()));

        Assert.Equal(new LlamaShape(1, 32, 64, 2, 1, 16, 6, 64, 10000f, 1e-5f, RotaryLayout.Interleaved, TiedOutput: true), model.Shape);
    }

    [Fact]
    public void An_output_matrix_of_its_own_is_no_tied_output()
    {
        GgufBuilder builder = TinyLlama.Builder().Add(TinyLlama.Matrix("output.weight", 6, 32, TensorType.F16));

        using ModelSource model = ModelFormats.Open(folder.Write("model.gguf", builder.Build()));

        Assert.False(model.Shape.TiedOutput);
        Assert.Equal(TensorType.F16, model.Tensors["output.weight"].Type);
    }
}
