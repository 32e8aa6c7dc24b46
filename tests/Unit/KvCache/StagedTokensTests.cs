using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Unit.KvCache;

/// <summary>Encoding the oldest staged tokens while newer ones stay, and what a tier would lose of a staged token.</summary>
public sealed class StagedTokensTests : IDisposable
{
    private static readonly CacheShape Shape = new(2, 2, 3, 64);
    private static readonly KvTier Four = KvTier.Of(BitWidth.Four);
    private static readonly KvTier Sixteen = KvTier.Of(BitWidth.Sixteen);

    private readonly PackedKvCache cache = new(Shape, new KvCacheOptions { MaxTokens = 64, Range = RangeSearch.Clip });

    public void Dispose() => cache.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(12)]
    public void The_oldest_are_encoded_and_the_newest_stay_as_they_are(int encoded)
    {
        Stage(0, 12);
        float[][] before = [.. Enumerable.Range(0, 12).Select(Key)];

        // Tiers take turns, so that some of the encoded tokens stay in the staging stream and move there.
        cache.Encode([.. Enumerable.Range(0, encoded).Select(i => i % 3 == 0 ? Sixteen : Four)]);

        Assert.Equal((12, 12 - encoded), (cache.Count, cache.Staged));
        for (int position = 0; position < 12; position++)
        {
            bool whole = position >= encoded || position % 3 == 0;
            Assert.Equal(whole ? Sixteen : Four, cache.TierAt(position));
            if (whole)
            {
                Assert.Equal(before[position], Key(position));
            }
            else
            {
                Assert.InRange(Lost(before[position], Key(position)), 1e-4, 0.01);
            }
        }
    }

    [Fact]
    public void A_window_that_moves_token_by_token_ends_as_one_that_moves_at_once()
    {
        using PackedKvCache other = new(Shape, new KvCacheOptions { MaxTokens = 64, Range = RangeSearch.Clip });
        for (int position = 0; position < 40; position++)
        {
            Stage(position, 1);
            cache.Encode(cache.Staged > 8 ? [Four] : []);
            Stage(other, position, 1);
        }

        other.Encode([.. Enumerable.Repeat(Four, 32)]);

        Assert.Equal(other.Staged, cache.Staged);
        Assert.Equal(other.Statistics().Bytes, cache.Statistics().Bytes);
        Assert.All(Enumerable.Range(0, 40), position => Assert.Equal(Key(other, position), Key(cache, position)));
    }

    [Fact]
    public void Staged_tokens_count_at_their_width()
    {
        Stage(0, 32);
        cache.Encode([.. Enumerable.Repeat(Four, 16)]);
        CacheStatistics statistics = cache.Statistics();

        Assert.Equal([(Sixteen, 16), (Four, 16)], statistics.Tiers.Select(tier => (tier.Tier, tier.Tokens)));
        Assert.InRange(statistics.EffectiveBits, (16 + 4.25) / 2, ((16 + 4.25) / 2) + 0.6);
    }

    [Fact]
    public void A_truncation_may_cut_into_the_staged_tokens()
    {
        Stage(0, 12);
        cache.Encode([Four, Four, Four]);

        cache.Truncate(7);
        Assert.Equal((7, 4), (cache.Count, cache.Staged));
        cache.Truncate(2);
        Assert.Equal((2, 0), (cache.Count, cache.Staged));
    }

    [Fact]
    public void More_tiers_than_staged_tokens_are_refused()
    {
        Stage(0, 2);

        Assert.Contains("3 tiers for 2 staged tokens", Assert.Throws<ArgumentException>(() => cache.Encode([Four, Four, Four])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_own_error_is_what_encoding_then_loses()
    {
        Stage(0, 3);
        KvTier tier = new(BitWidth.Two, BitWidth.Four);
        ReconstructionError expected = cache.OwnError(1, tier);
        float[][] keys = [.. Lanes().Select(lane => Rows(1, lane).Key)];
        float[][] values = [.. Lanes().Select(lane => Rows(1, lane).Value)];

        cache.Encode([tier, tier, tier]);

        Assert.Equal(Lanes().Average(lane => Lost(keys[lane], Rows(1, lane).Key)), expected.Keys, 1e-5);
        Assert.Equal(Lanes().Average(lane => Lost(values[lane], Rows(1, lane).Value)), expected.Values, 1e-5);
        Assert.InRange(expected.Keys, 5 * expected.Values, 1);
    }

    [Fact]
    public void At_the_staging_width_nothing_is_lost_by_dropping_all_and_of_an_encoded_token_nothing_is_known()
    {
        Stage(0, 2);
        cache.Encode([Four]);

        Assert.Equal(new ReconstructionError(0, 0), cache.OwnError(1, Sixteen));
        Assert.Equal(new ReconstructionError(1, 1), cache.OwnError(1, KvTier.Dropped));
        Assert.Contains("position 0 is encoded", Assert.Throws<ArgumentException>(() => cache.OwnError(0, Four)).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<int> Lanes() => Enumerable.Range(0, Shape.Lanes);

    private static double Lost(float[] whole, float[] coded) => whole.Zip(coded, (x, y) => (double)(x - y) * (x - y)).Sum() / whole.Sum(x => (double)x * x);

    private static void Stage(PackedKvCache cache, int first, int count)
    {
        for (int position = first; position < first + count; position++)
        {
            TokenPlace place = cache.Stage();
            foreach (int lane in Lanes())
            {
                cache.WriteKey(place, lane, Row(position, lane, 0.3f));
                cache.WriteValue(place, lane, Row(position, lane, 0.7f));
            }
        }
    }

    private static float[] Row(int position, int lane, float pace) =>
        [.. Enumerable.Range(0, Shape.HeadDim).Select(i => MathF.Sin((pace * i * (position + 1)) + lane) * (1 + (0.1f * i)))];

    private static float[] Key(PackedKvCache cache, int position)
    {
        float[] key = new float[Shape.HeadDim];
        cache.Read(position, 1, key, new float[Shape.HeadDim]);
        return key;
    }

    private void Stage(int first, int count) => Stage(cache, first, count);

    private float[] Key(int position) => Key(cache, position);

    private (float[] Key, float[] Value) Rows(int position, int lane)
    {
        float[] key = new float[Shape.HeadDim];
        float[] value = new float[Shape.HeadDim];
        cache.Read(position, lane, key, value);
        return (key, value);
    }
}
