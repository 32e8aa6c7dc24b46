using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Policies.Budgets;

/// <summary>What the tiers that a policy may choose take in a cache.</summary>
internal sealed class CacheCosts
{
    private readonly TierFootprint[] footprints = new TierFootprint[KvTier.Count];
    private readonly KvTier[] ladder;

    /// <param name="tiers">What the controller chooses from.</param>
    /// <param name="policy">Tells how many tokens stay at the staging width.</param>
    /// <param name="shape">Of the cache.</param>
    /// <param name="options">Of the cache.</param>
    public CacheCosts(IReadOnlyList<KvTier> tiers, PrecisionPolicy policy, CacheShape shape, KvCacheOptions options)
    {
        Staging = KvTier.Of(policy.Staging);
        (Sinks, Recent) = (policy.Sinks, policy.Recent);
        foreach (KvTier tier in KvTier.All)
        {
            footprints[tier.Index] = TierFootprint.Of(tier, shape, options);
        }

        ladder = [.. tiers.OrderBy(tier => this[tier].BytesPerToken)];
        Coded = [.. KvTier.All.Where(tier => tier != Staging)];
    }

    /// <summary>The tiers of the controller, from few bytes to many.</summary>
    public IReadOnlyList<KvTier> Ladder => ladder;

    /// <summary>The tier with the fewest bytes.</summary>
    public KvTier Cheapest => ladder[0];

    /// <summary>Where tokens wait for their tier.</summary>
    public KvTier Staging { get; }

    /// <summary>All other tiers: a modifier may choose one that the controller does not have.</summary>
    public IReadOnlyList<KvTier> Coded { get; }

    /// <summary>First tokens that stay at the staging width.</summary>
    public int Sinks { get; }

    /// <summary>Newest tokens that wait.</summary>
    public int Recent { get; }

    /// <summary>What a tier takes.</summary>
    public TierFootprint this[KvTier tier] => footprints[tier.Index];

    /// <summary>How many of a number of tokens get a tier; the newest wait.</summary>
    public int DecidedOf(int tokens) => Math.Max(tokens - Recent, 0);

    /// <summary>The least budget that surely suffices for a number of tokens, read one by one.</summary>
    /// <param name="tokens">Tokens of the sequence.</param>
    /// <param name="start">Those of them that are there.</param>
    public long Least(int tokens, SequenceStart start)
    {
        CacheLedger ledger = new(this, new SequenceLength(tokens, tokens, 1), 0, start);
        return ledger.Least;
    }
}
