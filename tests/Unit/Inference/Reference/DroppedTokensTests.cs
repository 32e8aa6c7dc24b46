using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Inference.Reference;

/// <summary>Sinks and a window (StreamingLLM, Xiao et al. 2023) against <see cref="ReferenceModel"/> with all other tokens left out: token by token, and in batches whose tiers are known.</summary>
[Trait("Category", "Kernels")]
public sealed class DroppedTokensTests : IDisposable
{
    private const int Length = 150;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 20)]
    [InlineData(3, 0)]
    [InlineData(2, 40)]
    public void Others_are_as_if_they_had_never_been(int sinks, int recent)
    {
        SampleModel model = SampleModel.Gguf(folder, SampleModel.Shape(3, wide: false, RotaryLayout.Interleaved), TensorType.F32, 3);
        model = model with { Reference = model.Reference with { Sees = (position, past) => past < sinks || past >= position - recent } };
        int[] tokens = ReferenceLogits.Tokens(model, Length);
        KvTier[] tiers = [.. tokens.Select((_, position) => position < sinks ? KvTier.Of(BitWidth.ThirtyTwo) : KvTier.Dropped)];
        double[][] expected = ReferenceLogits.Expected(model, Length);
        using LlamaModel loaded = LlamaModel.Load(model.Path, Arithmetic.Float);
        SessionOptions options = new() { Threads = 2, MaxBatch = Length, Cache = new KvCacheOptions { MaxTokens = Length, Staging = BitWidth.ThirtyTwo } };
        using Session decoding = new(loaded, options), batched = new(loaded, options);

        float[][] decoded = [.. tokens.Select((token, position) =>
        {
            float[] logits = decoding.Decode(token).ToArray();
            decoding.Encode(position < recent ? [] : tiers.AsSpan(position - recent, 1));
            return logits;
        })];
        float[][] known = [.. Batch(batched, tokens, tiers, recent, 0, 60), .. Batch(batched, tokens, tiers, recent, 60, Length - 60)];

        Assert.InRange(ReferenceLogits.Difference(expected, decoded), 0, Tolerance.Float);
        Assert.InRange(ReferenceLogits.Difference(expected, known), 0, Tolerance.Float);
        Assert.Equal(sinks + recent, batched.Cache.Counts.ToArray().Sum());
    }

    private static float[][] Batch(Session session, int[] tokens, KvTier[] tiers, int recent, int first, int count)
    {
        int leaving = Math.Max(first - recent, 0);
        session.RunRecent(tokens.AsSpan(first, count), recent, tiers.AsSpan(leaving, Math.Max(first + count - recent, 0) - leaving));
        float[][] logits = new float[count][];
        session.VisitLogits(0, count, (row, values) => logits[row] = values.ToArray());
        return logits;
    }
}
