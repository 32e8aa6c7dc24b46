using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Policies.Budgets;

/// <summary>What a sequence's cache begins with: nothing, or tokens of another cache, whose whole units cost nothing here.</summary>
public sealed class SequenceStart
{
    private readonly int[] tiers = new int[KvTier.Count];
    private readonly int[] open = new int[KvTier.Count];

    private SequenceStart(int tokens) => Tokens = tokens;

    /// <summary>Nothing.</summary>
    public static SequenceStart Empty { get; } = new(0);

    /// <summary>Tokens that are there.</summary>
    public int Tokens { get; }

    /// <summary>They by <see cref="KvTier.Index"/>.</summary>
    public ReadOnlySpan<int> Tiers => tiers;

    /// <summary>Those of them by <see cref="KvTier.Index"/> in units that have room, which are the sequence's own.</summary>
    public ReadOnlySpan<int> Open => open;

    /// <summary>The first tokens of another cache, as <see cref="PackedKvCache.BeginAs"/> takes them over.</summary>
    public static SequenceStart Of(PackedKvCache cache, int tokens, KvCacheOptions options)
    {
        SequenceStart start = new(tokens);
        for (int position = 0; position < tokens; position++)
        {
            start.tiers[cache.TierAt(position).Index]++;
        }

        foreach (KvTier tier in KvTier.All)
        {
            start.open[tier.Index] = start.tiers[tier.Index] % TierFootprint.Of(tier, cache.Shape, options).TokensPerUnit;
        }

        return start;
    }
}
