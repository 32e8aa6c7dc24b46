using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Inference;

/// <summary>SmolLM2-135M reads 2,048 tokens at 2 bits: a prompt in chunks of 256, then token by token.</summary>
[Collection(RealModelTests.Name)]
public sealed class RealSessionMemoryTests(RealModel real)
{
    private const int Tokens = 2048;
    private const int Prompt = 1792;
    private const int Chunk = 256;

    [Fact]
    public void Memory_grows_by_the_codes_alone()
    {
        LlamaModel model = real[Arithmetic.Int8];
        ReadOnlySpan<int> text = real.Text.AsSpan(0, Tokens);
        KvTier two = KvTier.Of(BitWidth.Two);
        MemoryGrowth growth = new();
        using Session session = new(model, new SessionOptions { MaxBatch = Chunk, Cache = new KvCacheOptions { MaxTokens = Tokens } });
        (long Total, long Codes) half = default;
        for (int done = 0; done < Prompt; done += Chunk)
        {
            session.Prefill(text.Slice(done, Chunk));
            session.Encode([.. Enumerable.Repeat(two, Chunk)]);
            half = done + Chunk == Tokens / 2 ? (growth.Total, session.Cache.Statistics().Bytes) : half;
        }

        foreach (int token in text[Prompt..])
        {
            session.Decode(token);
            session.Encode(two);
        }

        CacheStatistics cache = session.Cache.Statistics();
        long sixteen = cache.ElementsPerToken * Tokens * sizeof(ushort);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"cache {cache.Bytes:N0} (peak {cache.PeakBytes:N0}), native peak {growth.Native:N0}, managed {growth.Managed:N0}, of these in the second half {growth.Total - half.Total:N0}; at 16 bits {sixteen:N0}");
        Assert.InRange(cache.EffectiveBits, 2.25, 2.35);
        Assert.InRange(growth.Total - half.Total, 1, 1.05 * (cache.Bytes - half.Codes));

        // A chunk at 16 bits, its activations and the positions' rotations: 19 MB that do not grow with the sequence.
        Assert.InRange(growth.Total, cache.PeakBytes, 0.6 * sixteen);
    }
}
