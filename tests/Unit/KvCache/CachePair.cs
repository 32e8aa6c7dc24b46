using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Unit.KvCache;

/// <summary>A packed cache and the naive one, driven by the same steps.</summary>
internal sealed class CachePair : IDisposable
{
    /// <summary>Staging and seven more, as many as a cache holds, and dropped tokens, which take none.</summary>
    private static readonly KvTier[] Tiers =
    [
        KvTier.Of(BitWidth.Sixteen), KvTier.Of(BitWidth.Two), KvTier.Of(BitWidth.Three), KvTier.Of(BitWidth.Four), KvTier.Of(BitWidth.Eight),
        new(BitWidth.Eight, BitWidth.Four), new(BitWidth.Sixteen, BitWidth.Two), KvTier.Of(BitWidth.ThirtyTwo), KvTier.Dropped,
    ];

    private readonly Random random;
    private readonly KvCacheOptions options;

    public CachePair(CacheShape shape, KvCacheOptions options, int seed, int maxTokens = 200)
    {
        random = new Random(seed);
        this.options = options;
        Packed = new PackedKvCache(shape, options with { MaxTokens = maxTokens });
        Naive = new NaiveCache(shape, options);
    }

    public PackedKvCache Packed { get; }

    public NaiveCache Naive { get; }

    /// <summary>The first tokens, which no step forgets.</summary>
    public int Kept { get; set; }

    /// <summary>Another pair that begins with tokens of this one, in its memory; they are not forgotten then.</summary>
    public CachePair Fork(int tokens, int seed)
    {
        CachePair fork = new(Packed.Shape, options, seed) { Kept = tokens };
        fork.Packed.BeginAs(Packed, tokens);
        fork.Naive.BeginAs(Naive, tokens);
        Kept = Math.Max(Kept, tokens);
        return fork;
    }

    /// <summary>One step: staging, appending, encoding, rewinding or truncating.</summary>
    /// <param name="kind">What.</param>
    /// <param name="amount">How many tokens, or how far back.</param>
    public void Step(byte kind, byte amount)
    {
        switch (kind % 8)
        {
            case 0 or 1:
                Add(1 + (amount % 3), staged: true);
                break;
            case 2:
                Add(1 + (amount % 40), staged: true);
                break;
            case 3 or 4:
                Encode();
                break;
            case 5 when Packed.Staged == 0:
                Add(1 + (amount % 40), staged: false);
                break;
            case 6:
                Packed.Rewind(Back(amount));
                Naive.Truncate(Back(amount));
                break;
            case 7:
                Packed.Truncate(Back(amount));
                Naive.Truncate(Back(amount));
                break;
        }
    }

    /// <summary>The first difference between the two; null where there is none.</summary>
    public string? Difference()
    {
        CacheShape shape = Packed.Shape;
        CacheStatistics statistics = Packed.Statistics();
        if ((Packed.Count, Packed.Staged, statistics.Tiers.Sum(tier => tier.Tokens)) != (Naive.Count, Naive.Staged, Naive.Count))
        {
            return $"holds {Packed.Count} tokens, {Packed.Staged} staged, {statistics.Tiers.Sum(tier => tier.Tokens)} in tiers; expected {Naive.Count}, {Naive.Staged} staged";
        }

        if (statistics.Bytes != statistics.Tiers.Sum(tier => tier.Bytes) || statistics.PeakBytes < statistics.Bytes)
        {
            return $"{statistics.Bytes} bytes, {statistics.Tiers.Sum(tier => tier.Bytes)} in tiers, peak {statistics.PeakBytes}";
        }

        float[] key = new float[shape.HeadDim];
        float[] value = new float[shape.HeadDim];
        for (int position = 0; position < Naive.Count; position++)
        {
            NaiveCache.Token expected = Naive.Tokens[position];
            if (Packed.TierAt(position) != expected.Tier)
            {
                return $"position {position}: tier {Packed.TierAt(position)}, expected {expected.Tier}";
            }

            for (int lane = 0; lane < shape.Lanes; lane++)
            {
                Packed.Read(position, lane, key, value);
                if (!key.AsSpan().SequenceEqual(expected.Keys[lane]) || !value.AsSpan().SequenceEqual(expected.Values[lane]))
                {
                    return $"position {position}, lane {lane}: other rows in tier {expected.Tier}";
                }
            }
        }

        return null;
    }

    /// <summary>Gives the staged tokens random tiers.</summary>
    public void Encode()
    {
        KvTier[] tiers = [.. Enumerable.Range(0, Packed.Staged).Select(_ => AnyTier())];
        Packed.Encode(tiers);
        Naive.Encode(tiers);
    }

    /// <summary>Adds tokens of normal rows, as far as they fit.</summary>
    public void Add(int count, bool staged)
    {
        CacheShape shape = Packed.Shape;
        for (int i = 0; i < count && Packed.Count < Packed.MaxTokens; i++)
        {
            KvTier tier = staged ? Packed.StagingTier : AnyTier();
            float[][] keys = Gaussian.Rows(random, shape.Lanes, shape.HeadDim);
            float[][] values = Gaussian.Rows(random, shape.Lanes, shape.HeadDim);
            TokenPlace place = staged ? Packed.Stage() : Packed.Append(tier);
            for (int lane = 0; lane < shape.Lanes; lane++)
            {
                Packed.WriteKey(place, lane, keys[lane]);
                Packed.WriteValue(place, lane, values[lane]);
            }

            Naive.Append(tier, keys, values, staged);
        }
    }

    public void Dispose() => Packed.Dispose();

    private KvTier AnyTier() => Tiers[random.Next(Tiers.Length)];

    private int Back(byte amount) => Math.Max(Kept, Naive.Count - (amount % 60));
}
