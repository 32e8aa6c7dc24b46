namespace AdaptiveKv.KvCache;

/// <summary>
/// What a tier's bits are in each lane (layer, KV head). Layers and heads differ in what their keys and values can bear (as in KVTuner, arXiv 2502.04420), so a tier may keep some at fewer bits than
/// others and take as many on the whole. A tier without an entry has its own bits everywhere.
/// </summary>
public sealed class PrecisionProfile
{
    private readonly Dictionary<KvTier, KvTier[]> lanes;

    /// <summary>A profile of some tiers.</summary>
    /// <param name="lanes">By tier [lanes] the bits in each; keys and values of both are coded: 2 to 8 bits.</param>
    /// <exception cref="ArgumentException">A tier is not coded.</exception>
    public PrecisionProfile(IEnumerable<KeyValuePair<KvTier, KvTier[]>> lanes)
    {
        this.lanes = new(lanes);
        foreach ((KvTier tier, KvTier[] own) in this.lanes)
        {
            if (!IsCoded(tier) || !Array.TrueForAll(own, IsCoded))
            {
                throw new ArgumentException($"tier {tier}: only widths of 2 to 8 bits can differ between lanes");
            }
        }
    }

    /// <summary>Every tier has its own bits in all lanes.</summary>
    public static PrecisionProfile Uniform { get; } = new([]);

    /// <summary>The tiers that differ between lanes, with their bits in each.</summary>
    public IReadOnlyDictionary<KvTier, KvTier[]> Tiers => lanes;

    /// <summary>The widths of a tier in a lane.</summary>
    public KvTier Of(KvTier tier, int lane) => lanes.TryGetValue(tier, out KvTier[]? own) ? own[lane] : tier;

    /// <summary>Throws where a tier has not as many lanes as the cache.</summary>
    internal void Validate(CacheShape shape)
    {
        foreach ((KvTier tier, KvTier[] own) in lanes)
        {
            if (own.Length != shape.Lanes)
            {
                throw new ArgumentException($"tier {tier}: a profile of {own.Length} lanes for a cache of {shape.Lanes}");
            }
        }
    }

    private static bool IsCoded(KvTier tier) => tier is { Keys: > BitWidth.Zero and < BitWidth.Sixteen, Values: > BitWidth.Zero and < BitWidth.Sixteen };
}
