using AdaptiveKv.Files;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.Gguf;

namespace AdaptiveKv.Unit.Inference.Decoding;

/// <summary>What is refused when a model is loaded, and what is said while it runs.</summary>
public sealed class LlamaModelTests
{
    [Theory]
    [InlineData("blk.0.ffn_up.weight", 0, (ushort)0x7E00, "holds a scale that is not a finite number")]
    [InlineData("token_embd.weight", 18, (ushort)0x7C00, "beyond the range of 16-bit floats")]
    public void A_scale_that_is_no_number_is_refused(string tensor, int place, ushort half, string problem) =>
        Refused(Runnable(TensorType.Q4_1 - (tensor.StartsWith("token", StringComparison.Ordinal) ? 1 : 0)).Change(tensor, old => Set(old, place, BitConverter.GetBytes(half))), tensor, problem);

    [Theory]
    [InlineData("blk.0.attn_norm.weight")]
    [InlineData("output_norm.weight")]
    public void A_norm_that_is_no_number_is_refused(string tensor) =>
        Refused(Runnable(TensorType.Q4_0).Change(tensor, old => Set(old, 8, BitConverter.GetBytes(float.NaN))), tensor, "holds a number that is not finite");

    [Fact]
    public void Heads_that_the_cache_cannot_hold_are_refused() =>
        Refused(TinyLlama.Builder(), "head dimension", "head dimension 16: the packed cache needs a multiple of 32 from 32 to 256");

    [Fact]
    public void A_faulty_vocabulary_names_the_file() =>
        Refused(Runnable(TensorType.Q4_0).Set("tokenizer.ggml.merges", (string[])["a q"]), "merges", "q");

    /// <summary>All weights are finite, but their products are not: the logits must not become scores.</summary>
    [Fact]
    public void Logits_that_are_no_numbers_are_an_error()
    {
        using TemporaryFolder folder = new();
        byte[] large = [.. Enumerable.Repeat(1e30f, 32).SelectMany(BitConverter.GetBytes)];
        GgufBuilder builder = Runnable(TensorType.F32)
            .Change("output_norm.weight", old => old with { Data = large })
            .Change("token_embd.weight", old => old with { Data = [.. Enumerable.Repeat(1e15f, 6 * 32).SelectMany(BitConverter.GetBytes)] });
        using LlamaModel model = LlamaModel.Load(folder.Write("model.gguf", builder.Build()), Arithmetic.Float);
        using Session session = new(model, new SessionOptions { Threads = 1, Cache = new KvCacheOptions { MaxTokens = 4 } });

        Assert.Contains("the logits are not numbers", Assert.Throws<ArithmeticException>(() => session.Decode(1)).Message, StringComparison.Ordinal);
        session.Cache.Truncate(0);
        session.Prefill([1, 2]);
        Assert.Throws<ArithmeticException>(() => session.VisitLogits(1, 1, (_, _) => { }));
    }

    [Theory]
    [InlineData(TensorType.Q4_0, Arithmetic.Int8)]
    [InlineData(TensorType.Q8_0, Arithmetic.Float)]
    [InlineData(TensorType.F16, Arithmetic.Int8)]
    public void A_model_of_zeros_predicts_everything_alike(TensorType type, Arithmetic arithmetic)
    {
        using TemporaryFolder folder = new();
        using LlamaModel model = LlamaModel.Load(folder.Write("model.gguf", Runnable(type).Build()), arithmetic);
        using Session session = new(model, new SessionOptions { Threads = 2, Cache = new KvCacheOptions { MaxTokens = 4 } });

        Assert.Equal(new float[6], session.Decode(1).ToArray());
    }

    private static GgufBuilder.Tensor Set(GgufBuilder.Tensor tensor, int place, byte[] bytes)
    {
        byte[] data = [.. tensor.Data];
        bytes.CopyTo(data, place);
        return tensor with { Data = data };
    }

    // TinyLlama with one head of 32, which the cache can hold.
    private static GgufBuilder Runnable(TensorType type)
    {
        GgufBuilder builder = TinyLlama.Builder(type).Set("llama.attention.head_count", 1u).Set("llama.rope.dimension_count", 32u);
        foreach (string name in (string[])["blk.0.attn_k.weight", "blk.0.attn_v.weight"])
        {
            builder.Change(name, _ => TinyLlama.Matrix(name, 32, 32, type));
        }

        return builder;
    }

    private static void Refused(GgufBuilder builder, string field, string problem)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("model.gguf", builder.Build());

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => LlamaModel.Load(path));

        Assert.Equal((path, field), (error.Path, error.Field));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
