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

    [Theory]
    [InlineData(BitWidth.Two)]
    [InlineData(BitWidth.Three)]
    public void Where_a_unit_finds_no_room_its_tokens_stay_as_they_are(BitWidth width)
    {
        KvTier tier = KvTier.Of(width);
        TierFootprint footprint = TierFootprint.Of(tier, Shape, new KvCacheOptions());
        using PackedKvCache cache = new(Shape, new KvCacheOptions { MaxTokens = 100, MaxBytes = footprint.Bytes(8) - 1 });
        Random random = new(3);
        float[] key = new float[64], value = new float[64];
        for (int token = 0; token < 7; token++)
        {
            TokenPlace place = cache.Append(tier);
            for (int lane = 0; lane < Shape.Lanes; lane++)
            {
                cache.WriteKey(place, lane, Gaussian.Row(random, 64));
                cache.WriteValue(place, lane, Gaussian.Row(random, 64));
            }
        }

        float[][] before = Rows();
        Assert.Throws<InvalidOperationException>(() => cache.Append(tier));

        Assert.Equal(before, Rows());
        Assert.Equal((7, footprint.Bytes(7)), (cache.Count, cache.Statistics().Bytes));

        float[][] Rows() => [.. from position in Enumerable.Range(0, 7) from lane in Enumerable.Range(0, Shape.Lanes) select Row(position, lane)];

        float[] Row(int position, int lane)
        {
            cache.Read(position, lane, key, value);
            return [.. key, .. value];
        }
    }

    [Fact]
    public void A_limit_of_nothing_is_refused() =>
        Assert.Contains("limit of 0 bytes", Assert.Throws<ArgumentException>(() => new PackedKvCache(Shape, new KvCacheOptions { MaxBytes = 0 })).Message, StringComparison.Ordinal);
}
