namespace AdaptiveKv.KvCache;

/// <summary>How a cache codes its tokens.</summary>
public sealed record KvCacheOptions
{
    /// <summary>Most tokens the cache will hold.</summary>
    public int MaxTokens { get; init; } = 8192;

    /// <summary>Most bytes it will allocate at any time; null for as many as its tokens take. With a limit no page is longer than what its tokens need.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Counts what several caches take together, and limits it; null for a cache on its own.</summary>
    public CachePool? Pool { get; init; }

    /// <summary>Width of tokens that are not encoded yet: 16 bits, or 32 for reference runs.</summary>
    public BitWidth Staging { get; init; } = BitWidth.Sixteen;

    /// <summary>How the range of a group's codes is chosen.</summary>
    public RangeSearch Range { get; init; } = RangeSearch.MinMax;

    /// <summary>Elements that share a scale; 0 stands for a whole head.</summary>
    public int GroupSize { get; init; }

    /// <summary>Change of basis; null stands for none.</summary>
    public KvTransform? Transform { get; init; }

    /// <summary>Bits of the tiers by lane.</summary>
    public PrecisionProfile Profile { get; init; } = PrecisionProfile.Uniform;

    internal void Validate()
    {
        if (MaxTokens < 1)
        {
            throw new ArgumentException($"cache of {MaxTokens} tokens: expected at least 1");
        }

        if (MaxBytes < 1)
        {
            throw new ArgumentException($"cache with a limit of {MaxBytes} bytes: expected at least 1");
        }

        if (Staging is not (BitWidth.Sixteen or BitWidth.ThirtyTwo))
        {
            throw new ArgumentException($"staging at {(int)Staging} bits: expected 16 or 32");
        }
    }

    internal int GroupFor(CacheShape shape)
    {
        int group = GroupSize == 0 ? shape.HeadDim : GroupSize;
        if (group < 32 || group % 32 != 0 || shape.HeadDim % group != 0)
        {
            throw new ArgumentException($"group size {GroupSize}: expected a multiple of 32 that divides the head dimension {shape.HeadDim}");
        }

        return group;
    }
}
