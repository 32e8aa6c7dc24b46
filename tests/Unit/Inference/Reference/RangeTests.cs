using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Inference.Reference;

/// <summary>
/// Models whose numbers lie where binary16 has none or few: a projection is multiplied and its counterpart divided, so that the logits are those of
/// an ordinary model, and right however tokens and weights are kept.
/// </summary>
[Trait("Category", "Kernels")]
public sealed class RangeTests : IDisposable
{
    private const int Length = 40;

    private readonly TemporaryFolder folder = new();

    /// <summary>What is multiplied, what is divided, and by how much.</summary>
    public static TheoryData<string, string, double> Scales => new()
    {
        { "attn_k", "attn_q", 1e5 },
        { "attn_k", "attn_q", 1e12 },
        { "attn_k", "attn_q", 1e-7 },
        { "attn_v", "attn_output", 1e6 },
        { "attn_v", "attn_output", 1e-9 },
        { "attn_norm", "attn_output", 1e6 },
        { "ffn_up", "ffn_down", 1e8 },
        { "ffn_up", "ffn_down", 1e-8 },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Scales))]
    public void A_cache_of_16_bits(string up, string down, double factor)
    {
        SampleModel model = Sample(up, down, factor, TensorType.F32);
        double[][] expected = ReferenceLogits.Expected(model, Length);
        foreach (KvTransform? transform in Transforms(model.Reference.Shape))
        {
            ReferenceLogits.Agree(expected, model, Arithmetic.Float, Tolerance.Half, BitWidth.Sixteen, transform);
            ReferenceLogits.Agree(expected, model, Arithmetic.Float, Tolerance.Float, BitWidth.ThirtyTwo, transform);
        }
    }

    /// <summary>Codes follow the range by their own scales: the model is as far from double precision as one that needs no factor.</summary>
    [Theory]
    [InlineData(BitWidth.Two)]
    [InlineData(BitWidth.Three)]
    [InlineData(BitWidth.Four)]
    [InlineData(BitWidth.Eight)]
    public void Coded_caches(BitWidth width)
    {
        SampleModel plain = Sample("attn_k", "attn_q", 1, TensorType.F32), large = Sample("attn_k", "attn_q", 1 << 20, TensorType.F32);
        SampleModel small = Sample("attn_v", "attn_output", 1.0 / (1 << 20), TensorType.F32);
        int[] tokens = ReferenceLogits.Tokens(plain, Length);
        float[][] expected = Decode(plain, tokens, width);

        // Powers of two: the same products but for binary16's, of which nothing is lost.
        Assert.InRange(ReferenceLogits.Difference(Wide(expected), Decode(large, tokens, width)), 0, Tolerance.Half);
        Assert.InRange(ReferenceLogits.Difference(Wide(expected), Decode(small, tokens, width)), 0, Tolerance.Half);
    }

    [Theory]
    [MemberData(nameof(Scales))]
    public void Weights_made_on_load(string up, string down, double factor)
    {
        foreach (TensorType type in (TensorType[])[TensorType.F32, TensorType.BF16])
        {
            SampleModel model = Sample(up, down, factor, type);
            ReferenceLogits.Agree(Rounded(model), model, Arithmetic.Int8, Tolerance.RoundedScales);
        }
    }

    /// <summary>4-bit weights of two scales whose product has few digits in binary16.</summary>
    [Theory]
    [InlineData("attn_q", "attn_k", 1e-3)]
    [InlineData("ffn_down", "ffn_up", 1e-3)]
    public void Weights_of_two_scales(string down, string up, double factor)
    {
        SampleModel model = Sample(down, up, factor, TensorType.Q4_K);
        ReferenceLogits.Agree(ReferenceLogits.Expected(model, Length), model, Arithmetic.Int8, Tolerance.RoundedScales);
    }

    /// <summary>One head far beyond the others, and a row that is all zeros, change nothing for the rest.</summary>
    [Fact]
    public void Rows_of_one_matrix_differ()
    {
        LlamaShape shape = SampleModel.Shape(3, wide: true, RotaryLayout.Interleaved);
        SampleModel model = SampleModel.Gguf(folder, shape, TensorType.F32, 3, row: (name, row) =>
            name.EndsWith("attn_k.weight", StringComparison.Ordinal) ? row < shape.HeadDim ? 1e6 : 1
            : name.EndsWith("attn_q.weight", StringComparison.Ordinal) ? row < shape.Heads / shape.KvHeads * shape.HeadDim ? 1e-6 : 1
            : name.EndsWith("ffn_up.weight", StringComparison.Ordinal) && row == 5 ? 0 : 1);

        ReferenceLogits.Agree(ReferenceLogits.Expected(model, Length), model, Arithmetic.Float, Tolerance.Half, BitWidth.Sixteen);
        ReferenceLogits.Agree(Rounded(model), model, Arithmetic.Int8, Tolerance.RoundedScales, BitWidth.Sixteen);
    }

    private SampleModel Sample(string up, string down, double factor, TensorType type) => SampleModel.Gguf(
        folder,
        SampleModel.Shape(2, wide: true, RotaryLayout.Interleaved),
        type,
        seed: 2,
        name => name.Contains($".{up}.", StringComparison.Ordinal) ? factor
            : name.Contains($".{down}.", StringComparison.Ordinal) ? 1 / factor
            : up == "attn_norm" && name.Contains(".attn_q.", StringComparison.Ordinal) ? 1 / (factor * factor)
            : 1);

    private static IEnumerable<KvTransform?> Transforms(LlamaShape shape)
    {
        CacheShape cache = new(shape.Layers, shape.KvHeads, shape.Heads / shape.KvHeads, shape.HeadDim);
        Random random = new(4);
        float[] Table() => [.. Enumerable.Range(0, cache.Lanes * cache.HeadDim).Select(_ => 0.5f + random.NextSingle())];
        return [null, new KvTransform(cache, rotate: true), new KvTransform(cache, rotate: true, balance: Table(), valueBalance: Table())];
    }

    private static double[][] Rounded(SampleModel model) =>
        ReferenceLogits.Expected(model with { Reference = RoundedWeights.Of(model.Reference, binary16: false) }, Length);

    private static float[][] Decode(SampleModel model, int[] tokens, BitWidth width) =>
        ReferenceLogits.AllWays(model.Path, Arithmetic.Float, tokens, BitWidth.Sixteen, tier: KvTier.Of(width)).First().Logits;

    private static double[][] Wide(float[][] logits) => [.. logits.Select(row => row.Select(x => (double)x).ToArray())];
}
