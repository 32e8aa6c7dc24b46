using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Inference;

/// <summary>Attention reads the packed streams as they are, and gives what the float reference gives.</summary>
[Trait("Category", "Kernels")]
public sealed class PackedDecodingTests
{
    private const int Tokens = 256;

    /// <summary>Queries, keys and values of a model that reads its own items, in the space of a rotated cache.</summary>
    [Theory]
    [InlineData(BitWidth.Eight)]
    [InlineData(BitWidth.Four)]
    [InlineData(BitWidth.Two)]
    public void Fused_attention_is_within_6_percent_of_the_precise_mode_on_real_activations(BitWidth bits)
    {
        using LlamaModel model = LlamaModel.Load(SharedFiles.MicroModel);
        CacheShape shape = model.CacheShape;
        using Session session = Filled(model, KvTier.Of(bits), Tokens);
        using AttentionWorker fused = new(session.Cache);
        using AttentionWorker precise = new(session.Cache, precise: true);
        float[] queries = new float[shape.QueriesPerKvHead * shape.HeadDim];
        float[] value = new float[shape.HeadDim];
        float[] found = new float[queries.Length];
        float[] expected = new float[queries.Length];
        double error = 0;
        double size = 0;
        for (int lane = 0; lane < shape.Lanes; lane++)
        {
            for (int head = 0; head < shape.QueriesPerKvHead; head++)
            {
                session.Cache.Read((37 * head) + 11, lane, queries.AsSpan(head * shape.HeadDim, shape.HeadDim), value);
            }

            Attend(fused, found);
            Attend(precise, expected);
            error += found.Zip(expected, (a, b) => (double)(a - b) * (a - b)).Sum();
            size += expected.Sum(x => (double)x * x);

            void Attend(AttentionWorker worker, float[] output)
            {
                worker.Begin(lane / shape.KvHeads, lane % shape.KvHeads, Tokens, queries);
                worker.Attend(lane / shape.KvHeads, lane % shape.KvHeads, session.Cache.Counts);
                worker.Finish(lane % shape.KvHeads, output);
            }
        }

        Assert.InRange(Math.Sqrt(error / size), 1e-9, 0.06);
    }

    private static Session Filled(LlamaModel model, KvTier tier, int tokens)
    {
        Session session = new(model, new SessionOptions
        {
            Threads = 2,
            Cache = new KvCacheOptions { MaxTokens = 1024, Range = RangeSearch.Clip, Transform = new KvTransform(model.CacheShape, rotate: true) },
        });
        string text = string.Join(' ', File.ReadLines(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Take(8));
        session.Prefill(model.Tokenizer.Encode(text).AsSpan(0, tokens));
        KvTier[] tiers = new KvTier[tokens];
        Array.Fill(tiers, tier);
        session.Encode(tiers);
        return session;
    }
}
