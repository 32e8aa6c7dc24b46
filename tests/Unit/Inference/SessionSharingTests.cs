using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Unit.Inference;

/// <summary>A session that begins with another's tokens predicts what it would have predicted had it read them itself, to the bit.</summary>
public sealed class SessionSharingTests(MicroModel models) : IClassFixture<MicroModel>
{
    private const int Total = 300;
    private const int Shared = 171; // Not at the end of a unit of 8 or a block of 32.

    [Theory]
    [InlineData("static-16")]
    [InlineData("static-4+sinks1")]
    [InlineData("mix-2-3-8+sinks2")]
    [InlineData("mix-0-2-8+sinks2")]
    public void ABorrowedBeginningIsAsGoodAsAReadOne(string policy)
    {
        LlamaModel model = models.Int8;
        int[] tokens = models.Tokens(Total);
        float[][] alone = Read(Open(model, policy), tokens, 0, out PackedKvCache whole);
        using (whole)
        {
            AdaptiveSession lender = Open(model, policy);
            lender.Advance(tokens.AsSpan(0, Shared + 20), null);
            AdaptiveSession borrower = Open(model, policy);
            using PackedKvCache kept = lender.Engine.Detach();
            borrower.Cache.BeginAs(kept, Shared);

            float[][] shared = Read(borrower, tokens, Shared, out PackedKvCache own);
            using (own)
            {
                Assert.Equal(alone[Shared..], shared);
                Assert.Equal(Total - Shared, own.Count - own.Borrowed);
                Assert.True(own.Statistics().Bytes < whole.Statistics().Bytes);
            }
        }
    }

    private static AdaptiveSession Open(LlamaModel model, string policy) =>
        new(model, PolicyCatalog.ParseOne(policy), CacheMode.Decode, new EngineSetup(2, new KvCacheOptions { Range = RangeSearch.Clip, MaxBytes = 1 << 24 }), Total);

    private static float[][] Read(AdaptiveSession session, int[] tokens, int from, out PackedKvCache cache)
    {
        List<float[]> logits = [];
        session.Advance(tokens.AsSpan(from), (_, row) => logits.Add(row.ToArray()));
        cache = session.Engine.Detach();
        return [.. logits];
    }
}
