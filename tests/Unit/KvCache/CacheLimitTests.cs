using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Unit.KvCache;

/// <summary>A cache with a limit: nothing beyond it is allocated, and nothing is allocated that its tokens do not need.</summary>
public sealed class CacheLimitTests
{
    private static readonly CacheShape Shape = new(2, 2, 1, 64);

    private static readonly KvTier Sixteen = KvTier.Of(BitWidth.Sixteen);

    [Fact]
    public void Beyond_the_limit_nothing_is_allocated()
    {
        long token = TierFootprint.Of(Sixteen, Shape, new KvCacheOptions()).UnitBytes;
        using PackedKvCache cache = new(Shape, new KvCacheOptions { MaxTokens = 100, MaxBytes = 3 * token });
        for (int i = 0; i < 3; i++)
        {
            cache.Stage();
        }

        Assert.Contains($"may take {3 * token} bytes", Assert.Throws<InvalidOperationException>(() => cache.Stage()).Message, StringComparison.Ordinal);
        Assert.Equal((3, 3 * token), (cache.Count, cache.Statistics().PeakBytes));
    }

    [Theory]
    [InlineData(BitWidth.Two)]
    [InlineData(BitWidth.Three)]
    [InlineData(BitWidth.Four)]
    [InlineData(BitWidth.Eight)]
    [InlineData(BitWidth.Sixteen)]
    public void With_a_limit_a_cache_takes_what_its_footprint_says(BitWidth width)
    {
        KvCacheOptions options = new() { MaxTokens = 1300, MaxBytes = 1 << 30 };
        TierFootprint footprint = TierFootprint.Of(KvTier.Of(width), Shape, options), staging = TierFootprint.Of(Sixteen, Shape, options);
        using PackedKvCache cache = new(Shape, options);
        for (int tokens = 1; tokens <= 1300; tokens++)
        {
            cache.Stage();
            cache.Encode([KvTier.Of(width)]);

            // The token whose step it was leaves room for the next one's.
            long spare = cache.Statistics().Bytes - footprint.Bytes(tokens);
            Assert.Equal(width == BitWidth.Sixteen ? 0 : staging.UnitBytes, spare);
        }
    }

    [Fact]
    public void A_limit_of_nothing_is_refused() =>
        Assert.Contains("limit of 0 bytes", Assert.Throws<ArgumentException>(() => new PackedKvCache(Shape, new KvCacheOptions { MaxBytes = 0 })).Message, StringComparison.Ordinal);
}
