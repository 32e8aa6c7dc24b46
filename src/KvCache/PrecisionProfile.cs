namespace AdaptiveKv.KvCache;

/// <summary>
/// What a tier's bits are in each layer. Layers differ in what their keys and values can bear (as in KVTuner, arXiv 2502.04420), so a tier may keep some at fewer bits than
/// others and take as many on the whole. A tier without an entry has its own bits everywhere.
/// </summary>
public sealed class PrecisionProfile
{
    private readonly Dictionary<KvTier, KvTier[]> layers;

    /// <summary>A profile of some tiers.</summary>
    /// <param name="layers">By tier [layers] the bits in each; keys and values of both are coded: 2 to 8 bits.</param>
    /// <exception cref="ArgumentException">A tier is not coded.</exception>
    public PrecisionProfile(IEnumerable<KeyValuePair<KvTier, KvTier[]>> layers)
    {
        this.layers = new(layers);
        foreach ((KvTier tier, KvTier[] own) in this.layers)
        {
            if (!IsCoded(tier) || !Array.TrueForAll(own, IsCoded))
            {
                throw new ArgumentException($"tier {tier}: only widths of 2 to 8 bits can differ between layers");
            }
        }
    }

    /// <summary>Every tier has its own bits in all layers.</summary>
    public static PrecisionProfile Uniform { get; } = new([]);

    /// <summary>The tiers that differ between layers, with their bits in each.</summary>
    public IReadOnlyDictionary<KvTier, KvTier[]> Tiers => layers;

    /// <summary>The widths of a tier in a layer.</summary>
    public KvTier Of(KvTier tier, int layer) => layers.TryGetValue(tier, out KvTier[]? own) ? own[layer] : tier;

    /// <summary>Throws where a tier has not as many layers as the cache.</summary>
    internal void Validate(CacheShape shape)
    {
        foreach ((KvTier tier, KvTier[] own) in layers)
        {
            if (own.Length != shape.Layers)
            {
                throw new ArgumentException($"tier {tier}: a profile of {own.Length} layers for a cache of {shape.Layers}");
            }
        }
    }

    private static bool IsCoded(KvTier tier) => tier is { Keys: > BitWidth.Zero and < BitWidth.Sixteen, Values: > BitWidth.Zero and < BitWidth.Sixteen };
}
