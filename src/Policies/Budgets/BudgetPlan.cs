using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies.Budgets;

/// <summary>What a policy can do with a number of bytes for one sequence's cache.</summary>
public sealed class BudgetPlan
{
    // The share of the budget that a batch of the prompt may take while it waits at 16 bits: more would leave less for the prompt's own tiers.
    private const int BatchShare = 16;

    private readonly PrecisionPolicy policy;
    private readonly LearnedPolicy learned;
    private readonly CacheCosts costs;

    /// <summary>Plans for a cache.</summary>
    /// <param name="policy">A controller's choice without a mean of bits of its own ("learned"), perhaps with sinks, a recent window or escalation.</param>
    /// <param name="shape">Of the cache.</param>
    /// <param name="options">Of the cache.</param>
    /// <exception cref="ArgumentException">The policy is another one, or its controller has no budget curve.</exception>
    public BudgetPlan(PrecisionPolicy policy, CacheShape shape, KvCacheOptions options)
    {
        this.policy = policy;
        learned = Learned(policy) is { HasTarget: false } found
            ? found
            : throw new ArgumentException($"policy '{policy.Name}' has bits of its own, which a budget cannot change: take '{LearnedPolicy.Prefix}' with a controller");
        if (learned.Controller.Budget is null)
        {
            throw new ArgumentException($"policy '{policy.Name}': the controller has no budget curve; train it again");
        }

        costs = new CacheCosts([.. learned.Controller.Tiers.Select(cost => cost.Tier)], policy, shape, options);
    }

    /// <summary>The tier of the least budget.</summary>
    public KvTier Cheapest => costs.Cheapest;

    /// <summary>The least budget that surely suffices for a number of tokens: all but sinks and waiting ones in the cheapest tier.</summary>
    public long Least(int tokens) => costs.Least(tokens, SequenceStart.Empty);

    /// <summary>The same where the first of them lie in another cache.</summary>
    public long Least(int tokens, SequenceStart start) => costs.Least(tokens, start);

    /// <summary>Most tokens, up to a number, that a budget surely suffices for.</summary>
    public int MostTokens(long bytes, int upTo)
    {
        int fits = 0;
        for (int step = 1 << 30; step > 0; step >>= 1)
        {
            fits += step <= upTo - fits && Least(fits + step) <= bytes ? step : 0;
        }

        return fits;
    }

    /// <summary>The policy that keeps one sequence within a budget.</summary>
    /// <param name="bytes">The budget; the cache must have it as <see cref="KvCacheOptions.MaxBytes"/>.</param>
    /// <param name="prompt">Tokens of the prompt.</param>
    /// <param name="total">Tokens of prompt and continuation at most.</param>
    /// <param name="mostBatch">Most tokens of the prompt that may be read together.</param>
    /// <returns>The policy, and how many tokens of the prompt may be read, and wait for their tiers, together.</returns>
    /// <exception cref="ArgumentException">The budget is less than <see cref="Least(int)"/> of the total.</exception>
    public (PrecisionPolicy Policy, int Batch) For(long bytes, int prompt, int total, int mostBatch)
    {
        Require(bytes, total, SequenceStart.Empty);

        long whole = costs[costs.Staging].UnitBytes;
        long spare = ((bytes - Least(prompt)) / whole) + 1;
        int batch = (int)Math.Clamp(Math.Min(spare, bytes / BatchShare / whole), 1, Math.Min(mostBatch, prompt));
        return (new BudgetPolicy(policy, learned, costs, new CacheLedger(costs, new SequenceLength(prompt, total, batch), bytes, SequenceStart.Empty)), batch);
    }

    /// <summary>The policy that keeps one sequence within a budget where tokens of the prompt are read together in memory beyond it.</summary>
    /// <param name="bytes">As above; the cache may take more only while tokens of a batch but one wait for their tiers.</param>
    /// <param name="prompt">As above.</param>
    /// <param name="total">As above.</param>
    /// <param name="start">What the sequence begins with.</param>
    /// <exception cref="ArgumentException">The budget is less than <see cref="Least(int, SequenceStart)"/> of the total.</exception>
    public PrecisionPolicy For(long bytes, int prompt, int total, SequenceStart start)
    {
        Require(bytes, total, start);
        return new BudgetPolicy(policy, learned, costs, new CacheLedger(costs, new SequenceLength(prompt, total, 1), bytes, start));
    }

    private void Require(long bytes, int total, SequenceStart start)
    {
        if (bytes < Least(total, start))
        {
            throw new ArgumentException($"a budget of {bytes} bytes is too small for {total} tokens: {Least(total, start)} are needed", nameof(bytes));
        }
    }

    private static LearnedPolicy? Learned(PrecisionPolicy policy) => policy switch
    {
        LearnedPolicy learned => learned,
        PolicyModifier modifier => Learned(modifier.Inner),
        _ => null,
    };
}
