using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Budgets;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>A controller's choices follow the bytes left of the share.</summary>
/// <param name="policy">Makes the policy of a sequence.</param>
/// <param name="shape">Of the caches.</param>
/// <param name="options">Of the caches.</param>
internal sealed class LearnedPlan(Func<PrecisionPolicy> policy, CacheShape shape, KvCacheOptions options) : ISharePlan
{
    private readonly BudgetPlan plan = new(policy(), shape, options);

    // All tokens whole.
    private readonly long whole = TierFootprint.Of(KvTier.Of(options.Staging), shape, options).UnitBytes;

    public long Least(SequenceStart start, int total) => plan.Least(total, start);

    public (PrecisionPolicy Policy, long Bytes) For(long share, SequenceStart start, int prompt, int total)
    {
        long bytes = Math.Min(share, Math.Max((total - start.Tokens) * whole, Least(start, total)));
        return (new BudgetPlan(policy(), shape, options).For(bytes, prompt, total, start), bytes);
    }
}
