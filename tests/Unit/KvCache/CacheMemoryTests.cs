using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Unit.KvCache;

/// <summary>Bytes by the cache's own allocator, in the shape of SmolLM-135M, filled as decoding fills it: staged at 16 bits, then encoded.</summary>
public sealed class CacheMemoryTests
{
    private const int Tokens = 4096;

    private static readonly CacheShape SmolLm = new(30, 3, 3, 64);

    /// <summary>Bits per element of each tier: the codes, and 2 x 16 bits of scale and minimum for 64 elements.</summary>
    [Theory]
    [InlineData(BitWidth.Two, 2.25, 2.35)]
    [InlineData(BitWidth.Three, 3.25, 3.35)]
    [InlineData(BitWidth.Four, 4.25, 4.35)]
    [InlineData(BitWidth.Eight, 8.25, 8.45)]
    [InlineData(BitWidth.Sixteen, 16, 16.4)]
    [InlineData(BitWidth.ThirtyTwo, 32, 32.7)]
    public void Four_thousand_tokens_take_what_theory_says(BitWidth width, double theory, double limit)
    {
        using PackedKvCache cache = new(SmolLm, new KvCacheOptions { MaxTokens = Tokens });
        Fill(cache, KvTier.Of(width), Tokens);

        CacheStatistics statistics = cache.Statistics();

        TestContext.Current.TestOutputHelper?.WriteLine($"{(int)width} bits: {statistics.EffectiveBits:F3} effective, {statistics.Bytes:N0} bytes, {statistics.Bytes * 8.0 / theory / cache.Shape.ElementsPerToken / Tokens:F4} x theory");
        Assert.InRange(statistics.EffectiveBits, theory, Math.Min(limit, 1.02 * theory));
        Assert.InRange(statistics.PeakBytes, statistics.Bytes, statistics.Bytes * 1.01);
    }

    /// <summary>A new page is at most 1/64 of its tier, seven slots of the open unit may be empty, and the token being decoded is held at 16 bits.</summary>
    [Fact]
    public void At_no_length_from_1024_tokens_on_is_more_than_3_percent_in_reserve()
    {
        using PackedKvCache cache = new(new CacheShape(1, 2, 1, 64), new KvCacheOptions { MaxTokens = Tokens });
        double theory = 4.25 / 8 * cache.Shape.ElementsPerToken;
        double worst = 0;
        for (int tokens = 1; tokens <= Tokens; tokens++)
        {
            Fill(cache, KvTier.Of(BitWidth.Four), 1);
            if (tokens >= 1024)
            {
                worst = Math.Max(worst, cache.Statistics().Bytes / (theory * tokens));
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"worst {worst:F4} x theory from 1,024 tokens on");
        Assert.InRange(worst, 1, 1.03);
    }

    [Fact]
    public void A_mix_of_tiers_costs_the_sum_of_its_parts()
    {
        using PackedKvCache cache = new(SmolLm, new KvCacheOptions { MaxTokens = Tokens });
        for (int i = 0; i < 1024; i++)
        {
            cache.Stage();
            cache.Encode([KvTier.Of(i % 4 == 0 ? BitWidth.Eight : BitWidth.Two)]);
        }

        CacheStatistics statistics = cache.Statistics();

        Assert.Equal([0, 256, 768], statistics.Tiers.Select(tier => tier.Tokens));
        Assert.Equal(statistics.Bytes, statistics.Tiers.Sum(tier => tier.Bytes));
        Assert.InRange(statistics.EffectiveBits, 3.75, 3.75 * 1.02);
    }

    /// <summary>Dropped tokens take no byte at any time, and count in every mean.</summary>
    [Fact]
    public void Dropped_tokens_take_nothing()
    {
        using PackedKvCache cache = new(SmolLm, new KvCacheOptions { MaxTokens = Tokens });
        long whole = TierFootprint.Of(KvTier.Of(BitWidth.Sixteen), SmolLm, new KvCacheOptions()).UnitBytes;
        Fill(cache, KvTier.Of(BitWidth.Sixteen), 1);
        for (int tokens = 2; tokens <= 1000; tokens++)
        {
            Fill(cache, KvTier.Dropped, 1);
        }

        CacheStatistics statistics = cache.Statistics();
        CacheAccount account = CacheAccount.Of(statistics, cache.StagingTier, 1)!;

        // The first token, and room for the next one's step.
        Assert.Equal((1000, 2 * whole, 2 * whole), (statistics.Tokens, statistics.Bytes, statistics.PeakBytes));
        Assert.Equal([(cache.StagingTier, 1), (KvTier.Dropped, 999)], statistics.Tiers.Select(tier => (tier.Tier, tier.Tokens)));
        Assert.Equal((0.0, 0.0), (account.Codes!.Value, account.Coded!.Value));
        Assert.Equal(2 * 16.0 / 1000, account.Allocated, 1e-9);
        Assert.Equal(new TierFootprint(1, 0, 0), TierFootprint.Of(KvTier.Dropped, SmolLm, new KvCacheOptions()));
        cache.Truncate(500);
        Assert.Equal(499, cache.Statistics().Tiers[^1].Tokens);
    }

    [Fact]
    public void Six_tiers_in_a_short_text_leave_no_room()
    {
        KvTier[] tiers = [.. ((string[])["2", "k3v2", "3", "k4v3", "4", "8"]).Select(name => KvTier.TryParse(name, out KvTier tier) ? tier : throw new FormatException(name))];
        Random random = new(7);
        using PackedKvCache cache = new(SmolLm, new KvCacheOptions { MaxTokens = Tokens });
        for (int tokens = 1; tokens <= 90; tokens++)
        {
            cache.Stage();
            cache.Encode([tokens == 1 ? cache.StagingTier : tiers[random.Next(tiers.Length)]]);
            cache.Stage();
            CacheAccount account = CacheAccount.Of(cache.Statistics(), cache.StagingTier, 1)!;
            Assert.Equal(0, account.Unused, 1e-9);
            Assert.Equal(account.Allocated, (account.Coded ?? 0) + account.OfSinks + account.OfWaiting, 1e-9);
            cache.Rewind(tokens);
        }
    }

    [Fact]
    public void Truncating_frees_and_rewinding_keeps()
    {
        using PackedKvCache cache = new(SmolLm, new KvCacheOptions { MaxTokens = Tokens });
        Fill(cache, KvTier.Of(BitWidth.Four), 600);
        long full = cache.Statistics().Bytes;

        cache.Rewind(100);
        Assert.Equal(full, cache.Statistics().Bytes);

        cache.Truncate(100);
        Assert.Equal(4.25 + (16.0 / 100), cache.Statistics().EffectiveBits, 1e-9); // The next token's step finds its memory.
        Fill(cache, KvTier.Of(BitWidth.Four), 500);
        Assert.InRange(cache.Statistics().Bytes, 1, full * 1.04);

        cache.Truncate(0);
        Assert.InRange(cache.Statistics().Bytes, 0, full / 50);
        cache.Dispose();
        Assert.Equal(0, cache.Statistics().Bytes);
    }

    [Fact]
    public void A_chunk_staged_at_16_bits_gives_its_memory_back_when_it_is_encoded()
    {
        using PackedKvCache cache = new(SmolLm, new KvCacheOptions { MaxTokens = Tokens });
        for (int i = 0; i < 256; i++)
        {
            cache.Stage();
        }

        Assert.InRange(cache.Statistics().EffectiveBits, 16, 16 * 1.05);
        cache.Encode([.. Enumerable.Repeat(KvTier.Of(BitWidth.Two), 256)]);

        Assert.InRange(cache.Statistics().EffectiveBits, 2.25, 2.25 * 1.05);
    }

    private static void Fill(PackedKvCache cache, KvTier tier, int tokens)
    {
        float[] row = Gaussian.Row(new Random(1), cache.Shape.HeadDim);
        for (int i = 0; i < tokens; i++)
        {
            TokenPlace place = cache.Stage();
            for (int lane = 0; lane < cache.Shape.Lanes; lane++)
            {
                cache.WriteKey(place, lane, row);
                cache.WriteValue(place, lane, row);
            }

            cache.Encode([tier]);
        }
    }
}
