using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Budgets;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>Of some policies that choose by position alone, a sequence takes the first that fits into its share; what each takes is known beforehand.</summary>
internal sealed class PositionPlan : ISharePlan
{
    private readonly IReadOnlyList<Func<PrecisionPolicy>> policies;
    private readonly TierFootprint[] footprints;

    /// <param name="policies">From many bits to few.</param>
    /// <param name="shape">Of the caches.</param>
    /// <param name="options">Of the caches.</param>
    /// <exception cref="ArgumentException">A policy looks at tokens, so that nobody knows what it takes.</exception>
    public PositionPlan(IReadOnlyList<Func<PrecisionPolicy>> policies, CacheShape shape, KvCacheOptions options)
    {
        if (policies.Select(make => make()).FirstOrDefault(policy => policy.LooksAtTokens) is { } unknown)
        {
            throw new ArgumentException($"policy '{unknown.Name}' chooses by the tokens, so that no budget can be kept: take a static one, or 'learned' with a controller");
        }

        this.policies = policies;
        footprints = [.. KvTier.All.Select(tier => TierFootprint.Of(tier, shape, options))];
    }

    public long Least(SequenceStart start, int total) => policies.Min(make => Bytes(make(), start, total));

    public (PrecisionPolicy Policy, long Bytes) For(long share, SequenceStart start, int prompt, int total)
    {
        (PrecisionPolicy Policy, long Bytes)[] all = [.. policies.Select(make => make()).Select(policy => (policy, Bytes(policy, start, total)))];
        return Array.Find(all, one => one.Bytes <= share) is { Policy: not null } wide ? wide : all.MinBy(one => one.Bytes);
    }

    // One token of a step waits beside those that a window keeps waiting.
    private long Bytes(PrecisionPolicy policy, SequenceStart start, int total)
    {
        int[] counts = [.. start.Open];
        for (int position = start.Tokens; position < total; position++)
        {
            counts[policy.Choose(position).Index]++;
        }

        long staged = (policy.Recent + 1) * footprints[KvTier.Of(policy.Staging).Index].UnitBytes;
        return staged + counts.Select((count, tier) => footprints[tier].Bytes(count)).Sum();
    }
}
