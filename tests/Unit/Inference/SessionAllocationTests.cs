using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Unit.Inference;

[Collection(Alone.Name)]
public sealed class SessionAllocationTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private const int Tokens = 50;

    /// <summary>
    /// The tables of a stream (16 bytes per unit) double as it grows, so a sequence is decoded once before; after it was truncated, the
    /// second one allocates nothing at all, on no thread.
    /// </summary>
    [Theory]
    [InlineData(BitWidth.Two)]
    [InlineData(BitWidth.Four)]
    [InlineData(BitWidth.Sixteen)]
    public void A_decoded_token_allocates_nothing(BitWidth width)
    {
        using Session session = new(micro.Int8, new SessionOptions { Threads = 2, Cache = new KvCacheOptions { MaxTokens = 256 } });
        KvTier tier = KvTier.Of(width);
        int[] tokens = micro.Tokens(100 + Tokens);
        Decode(session, tokens, tier);
        (long own, long all) least = (long.MaxValue, long.MaxValue);

        // The test runner's threads may allocate meanwhile: the least of several counts.
        for (int attempt = 0; attempt < 5 && least != (0, 0); attempt++)
        {
            session.Cache.Truncate(0);
            Decode(session, tokens.AsSpan(0, 100), tier);
            long ownBefore = GC.GetAllocatedBytesForCurrentThread();
            long allBefore = GC.GetTotalAllocatedBytes(precise: true);
            Decode(session, tokens.AsSpan(100), tier);
            long all = GC.GetTotalAllocatedBytes(precise: true) - allBefore;
            least = (Math.Min(least.own, GC.GetAllocatedBytesForCurrentThread() - ownBefore), Math.Min(least.all, all));
        }

        Assert.Equal((0, 0), least);
    }

    /// <summary>What the first sequence allocates is the doubling of tables: some dozens of bytes per token.</summary>
    [Fact]
    public void Growing_tables_cost_some_bytes_per_token()
    {
        using Session session = new(micro.Int8, new SessionOptions { Threads = 1, Cache = new KvCacheOptions { MaxTokens = 1024 } });
        int[] tokens = micro.Tokens(256);
        Decode(session, tokens, KvTier.Of(BitWidth.Sixteen));
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 3; i++)
        {
            Decode(session, tokens, KvTier.Of(BitWidth.Sixteen));
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 128 * 3 * tokens.Length);
    }

    /// <summary>What is seen of tokens and the choice of their tiers allocates nothing either.</summary>
    [Theory]
    [InlineData("static-4+sinks1+recent8")]
    [InlineData("rule-surprisal-2-4-4+recent8+escalate10")]
    public void A_step_under_a_policy_allocates_nothing(string policy)
    {
        using AdaptiveSession session = new(micro.Int8, PolicyCatalog.ParseOne(policy), CacheMode.Prefill, new EngineSetup(2, new KvCacheOptions()), 256);
        int[] tokens = micro.Tokens(100 + Tokens);
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 6 && least != 0; attempt++)
        {
            session.Truncate(0);
            session.Advance(tokens.AsSpan(0, 100), null);
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (int token in tokens.AsSpan(100))
            {
                session.Step(token);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private static void Decode(Session session, ReadOnlySpan<int> tokens, KvTier tier)
    {
        foreach (int token in tokens)
        {
            session.Decode(token);
            session.Encode(tier);
        }
    }
}
