using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Policies.Budgets;

/// <summary>
/// The bytes of one sequence's cache, spent and still needed. A tier fits where, with every later token in the cheapest one, neither the end of
/// the prompt nor the end of the sequence takes more than the budget; so some tier fits every token once one fits the first.
/// </summary>
/// <param name="costs">What tiers take.</param>
/// <param name="length">Tokens that will come at most.</param>
/// <param name="bytes">The budget.</param>
/// <param name="start">What the sequence begins with.</param>
internal sealed class CacheLedger(CacheCosts costs, SequenceLength length, long bytes, SequenceStart start)
{
    private readonly int[] counts = [.. start.Open];

    /// <summary>Tokens of the longest sequence.</summary>
    public int MostTokens => length.Total;

    /// <summary>Tokens that have a tier.</summary>
    public int Decided { get; private set; } = start.Tokens;

    /// <summary>Bytes that each token without a tier can take on average.</summary>
    public double BytesPerToken => Math.Min(
        Decided < costs.DecidedOf(length.Prompt) ? Mean(costs.DecidedOf(length.Prompt), length.StagedInPrompt(costs.Recent)) : double.PositiveInfinity,
        Mean(costs.DecidedOf(length.Total), length.StagedAtEnd(costs.Recent)));

    /// <summary>Bytes that surely suffice for what is decided and all that comes.</summary>
    public long Least => Need(costs.DecidedOf(length.Total), length.StagedAtEnd(costs.Recent));

    /// <summary>Whether a token can go to a tier, whatever comes after it.</summary>
    public bool Fits(KvTier tier)
    {
        counts[tier.Index]++;
        Decided++;
        bool fits = Least <= bytes
            && (Decided > costs.DecidedOf(length.Prompt) || Need(costs.DecidedOf(length.Prompt), length.StagedInPrompt(costs.Recent)) <= bytes);
        counts[tier.Index]--;
        Decided--;
        return fits;
    }

    /// <summary>Gives the next token a tier.</summary>
    public void Add(KvTier tier)
    {
        counts[tier.Index]++;
        Decided++;
    }

    /// <summary>Begins another sequence.</summary>
    public void Clear()
    {
        start.Open.CopyTo(counts);
        Decided = start.Tokens;
    }

    // Bytes when the tokens up to `end` have tiers, those to come the cheapest, and `staged` more wait for theirs.
    private long Need(int end, int staged)
    {
        int sinks = SinksLeft(end);
        int rest = Math.Max(end - Decided - sinks, 0);
        TierFootprint cheapest = costs[costs.Cheapest];
        int held = counts[costs.Cheapest.Index];
        long coming = cheapest.Bytes(held + rest) - cheapest.Bytes(held);
        return Coded() + coming + ((counts[costs.Staging.Index] + sinks + staged) * costs[costs.Staging].UnitBytes);
    }

    private double Mean(int end, int staged)
    {
        int sinks = SinksLeft(end);
        int rest = end - Decided - sinks;
        double left = bytes - ((sinks + staged) * costs[costs.Staging].BytesPerToken) - (counts[costs.Staging.Index] * costs[costs.Staging].BytesPerToken);
        left -= Coded();
        return rest > 0 ? Math.Max(left, 0) / rest : double.PositiveInfinity;
    }

    // In a loop, for it is asked at every token, which allocates nothing.
    private long Coded()
    {
        long spent = 0;
        foreach (KvTier tier in costs.Coded)
        {
            spent += costs[tier].Bytes(counts[tier.Index]);
        }

        return spent;
    }

    private int SinksLeft(int end) => Math.Max(Math.Min(costs.Sinks, end) - Decided, 0);
}
