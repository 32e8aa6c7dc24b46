using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Unit.KvCache;

[Trait("Category", "Kernels")]
public sealed class PrecisionProfileTests
{
    private const int Tokens = 75;

    private static readonly CacheShape Shape = new(2, 2, 3, 64);
    private static readonly KvTier Mixed = new(BitWidth.Three, BitWidth.Two);
    private static readonly KvTier[] Lanes = [KvTier.Of(BitWidth.Two), new(BitWidth.Four, BitWidth.Two), new(BitWidth.Two, BitWidth.Three), new(BitWidth.Four, BitWidth.Three)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_lane_is_read_as_if_all_had_its_widths(bool precise)
    {
        using PackedKvCache spread = Filled(Mixed, new PrecisionProfile([new(Mixed, Lanes)]));
        for (int lane = 0; lane < Shape.Lanes; lane++)
        {
            using PackedKvCache uniform = Filled(Lanes[lane], PrecisionProfile.Uniform);
            (int layer, int head) = (lane / Shape.KvHeads, lane % Shape.KvHeads);
            Assert.Equal(Attend(uniform, layer, head, precise), Attend(spread, layer, head, precise));
        }
    }

    /// <summary>Where all lanes take the same, a token's own errors are those of that width.</summary>
    [Fact]
    public void Own_errors_are_those_of_the_lanes_widths()
    {
        using PackedKvCache spread = Filled(Mixed, new PrecisionProfile([new(Mixed, [.. Lanes.Select(_ => Lanes[1])])]));

        Assert.Equal(spread.OwnError(Tokens, Lanes[1]), spread.OwnError(Tokens, Mixed));
    }

    [Fact]
    public void A_tier_takes_what_its_lanes_take()
    {
        KvCacheOptions spread = new() { Profile = new PrecisionProfile([new(Mixed, Lanes)]) };

        Assert.Equal(
            Lanes.Sum(own => TierFootprint.Of(own, Shape with { Layers = 1, KvHeads = 1 }, new KvCacheOptions()).UnitBytes),
            TierFootprint.Of(Mixed, Shape, spread).UnitBytes);
        using PackedKvCache cache = new(Shape, spread with { MaxTokens = 16, MaxBytes = 1 << 20 });
        for (int token = 0; token < 8; token++)
        {
            cache.Append(Mixed);
        }

        Assert.Equal(TierFootprint.Of(Mixed, Shape, spread).Bytes(8), cache.Statistics().Bytes);
    }

    [Theory]
    [InlineData(BitWidth.Sixteen, BitWidth.Two)]
    [InlineData(BitWidth.Two, BitWidth.Sixteen)]
    [InlineData(BitWidth.Two, BitWidth.Zero)]
    public void Only_codes_differ_between_lanes(BitWidth tier, BitWidth lane) =>
        Assert.Contains("only widths of 2 to 8 bits", Assert.Throws<ArgumentException>(() => new PrecisionProfile([new(KvTier.Of(tier), [KvTier.Of(lane)])])).Message, StringComparison.Ordinal);

    // A staged token stays at the end, for its own errors.
    private static PackedKvCache Filled(KvTier tier, PrecisionProfile profile)
    {
        PackedKvCache cache = new(Shape, new KvCacheOptions { MaxTokens = Tokens + 1, Range = RangeSearch.Clip, Profile = profile });
        Random random = new(7);
        for (int token = 0; token <= Tokens; token++)
        {
            TokenPlace place = cache.Stage();
            for (int lane = 0; lane < Shape.Lanes; lane++)
            {
                cache.WriteKey(place, lane, Gaussian.Row(random, Shape.HeadDim));
                cache.WriteValue(place, lane, Gaussian.Row(random, Shape.HeadDim));
            }

            if (token < Tokens)
            {
                cache.Encode([tier]);
            }
        }

        return cache;
    }

    private static float[] Attend(PackedKvCache cache, int layer, int head, bool precise)
    {
        using AttentionWorker worker = new(cache, precise);
        float[] output = new float[Shape.QueriesPerKvHead * Shape.HeadDim];
        worker.Begin(layer, head, cache.Count, Gaussian.Row(new Random(layer), output.Length));
        worker.Attend(layer, head, cache.Counts);
        worker.Finish(head, output);
        return output;
    }
}
