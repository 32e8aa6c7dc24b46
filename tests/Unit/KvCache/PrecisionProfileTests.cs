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
    private static readonly KvTier[] Layers = [KvTier.Of(BitWidth.Two), new(BitWidth.Four, BitWidth.Two)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_layer_is_read_as_if_all_had_its_widths(bool precise)
    {
        using PackedKvCache layered = Filled(Mixed, new PrecisionProfile([new(Mixed, Layers)]));
        for (int layer = 0; layer < Shape.Layers; layer++)
        {
            using PackedKvCache uniform = Filled(Layers[layer], PrecisionProfile.Uniform);
            for (int head = 0; head < Shape.KvHeads; head++)
            {
                Assert.Equal(Attend(uniform, layer, head, precise), Attend(layered, layer, head, precise));
            }

            Assert.Equal(uniform.OwnError(Tokens, Layers[layer]).Keys > 0, layered.OwnError(Tokens, Mixed).Keys > 0);
        }
    }

    [Fact]
    public void A_tier_takes_what_its_layers_take()
    {
        KvCacheOptions layered = new() { Profile = new PrecisionProfile([new(Mixed, Layers)]) };

        Assert.Equal(
            Layers.Sum(own => TierFootprint.Of(own, Shape with { Layers = 1 }, new KvCacheOptions()).UnitBytes),
            TierFootprint.Of(Mixed, Shape, layered).UnitBytes);
        Assert.Equal(TierFootprint.Of(Mixed, Shape, new KvCacheOptions()), TierFootprint.Of(Mixed, Shape, layered));
        using PackedKvCache cache = new(Shape, layered with { MaxTokens = 16, MaxBytes = 1 << 20 });
        for (int token = 0; token < 8; token++)
        {
            cache.Append(Mixed);
        }

        Assert.Equal(TierFootprint.Of(Mixed, Shape, layered).Bytes(8), cache.Statistics().Bytes);
    }

    [Theory]
    [InlineData(BitWidth.Sixteen, BitWidth.Two)]
    [InlineData(BitWidth.Two, BitWidth.Sixteen)]
    [InlineData(BitWidth.Two, BitWidth.Zero)]
    public void Only_codes_differ_between_layers(BitWidth tier, BitWidth layer) =>
        Assert.Contains("only widths of 2 to 8 bits", Assert.Throws<ArgumentException>(() => new PrecisionProfile([new(KvTier.Of(tier), [KvTier.Of(layer)])])).Message, StringComparison.Ordinal);

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
