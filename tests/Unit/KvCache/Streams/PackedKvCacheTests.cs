using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Unit.KvCache.Formats;

namespace AdaptiveKv.Unit.KvCache.Streams;

public sealed class PackedKvCacheTests
{
    private static readonly CacheShape Shape = new(2, 3, 2, 64);

    [Theory]
    [Trait("Category", "Kernels")]
    [MemberData(nameof(FormatCases.All), MemberType = typeof(FormatCases))]
    public void Every_width_group_and_head_dimension_comes_back_as_its_format_decodes_it(BitWidth width, int headDim, int group)
    {
        using CachePair pair = new(new CacheShape(1, 2, 1, headDim), new KvCacheOptions { GroupSize = group, Staging = BitWidth.ThirtyTwo }, seed: 1);
        pair.Add(19, staged: true);
        KvTier[] tiers = [.. Enumerable.Repeat(KvTier.Of(width), 19)];

        pair.Packed.Encode(tiers);
        pair.Naive.Encode(tiers);

        Assert.Null(pair.Difference());
    }

    [Fact]
    public void A_full_cache_says_so_and_keeps_what_it_holds()
    {
        using PackedKvCache cache = new(Shape, new KvCacheOptions { MaxTokens = 2 });
        cache.Append(KvTier.Of(BitWidth.Four));
        cache.Append(KvTier.Of(BitWidth.Eight));

        Assert.Contains("the cache is full: 2 tokens", Assert.Throws<InvalidOperationException>(() => cache.Stage()).Message, StringComparison.Ordinal);
        Assert.Contains("the cache is full", Assert.Throws<InvalidOperationException>(() => cache.Append(KvTier.Of(BitWidth.Two))).Message, StringComparison.Ordinal);
        cache.Encode([]);

        Assert.Equal((2, 0, KvTier.Of(BitWidth.Eight)), (cache.Count, cache.Staged, cache.TierAt(1)));
    }

    [Fact]
    public void Streams_have_the_order_of_the_tokens_that_are_held_whatever_was_held_before()
    {
        using PackedKvCache cache = new(Shape, new KvCacheOptions());
        KvTier two = KvTier.Of(BitWidth.Two), three = KvTier.Of(BitWidth.Three), four = KvTier.Of(BitWidth.Four);
        foreach (KvTier[] tokens in (KvTier[][])[[two, three, four], [three, two], [four, three, two]])
        {
            cache.Truncate(0);
            tokens.ToList().ForEach(tier => cache.Append(tier));

            Assert.Equal([cache.StagingTier, .. tokens], cache.Streams.Select(stream => stream.Tier));
        }

        cache.Truncate(1);
        cache.Append(two);

        Assert.Equal([cache.StagingTier, four, two], cache.Streams.Select(stream => stream.Tier));
    }

    [Fact]
    public void Tiers_must_match_the_staged_tokens()
    {
        using PackedKvCache cache = new(Shape, new KvCacheOptions());
        cache.Stage();

        Assert.Contains("2 tiers for 1 staged tokens", Assert.Throws<ArgumentException>(() => cache.Encode([default, default])).Message, StringComparison.Ordinal);
        Assert.Equal(1, cache.Staged);
    }

    [Fact]
    public void A_ninth_tier_is_refused_while_every_token_is_still_in_its_place()
    {
        using PackedKvCache cache = new(Shape, new KvCacheOptions());
        BitWidth[] widths = [BitWidth.Two, BitWidth.Three, BitWidth.Four, BitWidth.Eight];
        KvTier[] tiers = [.. (from keys in widths from values in widths select new KvTier(keys, values)).Take(PackedKvCache.MaxStreams - 1)];
        Array.ForEach(tiers, tier => cache.Append(tier));
        cache.Append(KvTier.Dropped); // In no stream.
        cache.Stage();

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => cache.Encode([KvTier.Of(BitWidth.ThirtyTwo)]));

        Assert.Contains("tier 32: a cache holds at most 8 tiers", error.Message, StringComparison.Ordinal);
        Assert.Equal((9, 1, KvTier.Of(BitWidth.Sixteen)), (cache.Count, cache.Staged, cache.TierAt(8)));
    }

    [Fact]
    public void A_token_of_known_tier_cannot_follow_staged_ones()
    {
        using PackedKvCache cache = new(Shape, new KvCacheOptions());
        cache.Stage();

        Assert.Contains("must be encoded", Assert.Throws<InvalidOperationException>(() => cache.Append(KvTier.Of(BitWidth.Two))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Positions_outside_the_cache_are_refused()
    {
        using PackedKvCache cache = new(Shape, new KvCacheOptions());
        float[] row = new float[64];

        Assert.Throws<ArgumentOutOfRangeException>(() => cache.TierAt(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Read(-1, 0, row, row));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Rewind(-1));
        cache.Truncate(5);
        Assert.Equal(0, cache.Count);
    }

    public static TheoryData<CacheShape, KvCacheOptions, string> Misfits => new()
    {
        { Shape with { HeadDim = 16 }, new KvCacheOptions(), "head dimension 16" },
        { Shape with { HeadDim = 80 }, new KvCacheOptions(), "head dimension 80" },
        { Shape with { HeadDim = 288 }, new KvCacheOptions(), "head dimension 288" },
        { Shape with { KvHeads = 0 }, new KvCacheOptions(), "0 KV heads" },
        { Shape, new KvCacheOptions { GroupSize = 16 }, "group size 16" },
        { Shape with { HeadDim = 96 }, new KvCacheOptions { GroupSize = 64 }, "group size 64" },
        { Shape, new KvCacheOptions { MaxTokens = 0 }, "cache of 0 tokens" },
        { Shape, new KvCacheOptions { Staging = BitWidth.Four }, "staging at 4 bits" },
        { Shape with { Layers = 2 }, new KvCacheOptions { Profile = new([new(KvTier.Of(BitWidth.Three), [KvTier.Of(BitWidth.Two)])]) }, "tier 3: a profile of 1 lanes for a cache of 6" },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public void Shapes_and_options_out_of_reach_are_refused(CacheShape shape, KvCacheOptions options, string problem) =>
        Assert.Contains(problem, Assert.Throws<ArgumentException>(() => new PackedKvCache(shape, options)).Message, StringComparison.Ordinal);
}
