using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Streams;

/// <summary>What the tokens of a tier take: a cache with <see cref="KvCacheOptions.MaxBytes"/> allocates exactly what its tokens need.</summary>
/// <param name="TokensPerUnit">Tokens that share one unit: 8 where keys or values are coded, else 1.</param>
/// <param name="UnitBytes">Bytes of one unit in all lanes.</param>
/// <param name="RowBytes">Bytes of a token that lies on its own, until there are enough of its tier for a unit.</param>
public readonly record struct TierFootprint(int TokensPerUnit, long UnitBytes, long RowBytes)
{
    /// <summary>Bytes of a token in a whole unit.</summary>
    public double BytesPerToken => (double)UnitBytes / TokensPerUnit;

    /// <summary>The footprint of a tier.</summary>
    /// <exception cref="ArgumentException">The group size does not fit the shape.</exception>
    public static TierFootprint Of(KvTier tier, CacheShape shape, KvCacheOptions options)
    {
        if (tier == KvTier.Dropped)
        {
            return new TierFootprint(1, 0, 0);
        }

        int perUnit = TierCodec.For(tier).TokensPerUnit;
        CodeLayout layout = new(shape.HeadDim, options.GroupFor(shape), perUnit, options.Range);
        long bytes = 0, rowBytes = 0;
        for (int lane = 0; lane < shape.Lanes; lane++)
        {
            TierCodec codec = TierCodec.For(options.Profile.Of(tier, lane));
            bytes += codec.KeyBytes(layout) + codec.ValueBytes(layout);
            rowBytes += codec.RowBytes(layout);
        }

        return new TierFootprint(perUnit, bytes, rowBytes);
    }

    /// <summary>Bytes that a number of tokens takes.</summary>
    public long Bytes(int tokens) => (tokens / TokensPerUnit * UnitBytes) + (tokens % TokensPerUnit * RowBytes);
}
