using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Policies.Budgets;

/// <summary>
/// Keeps one sequence's cache within a number of bytes ("learned+budget"). Before each choice the controller's price is set to what leads to the mean
/// of bits that the bytes left allow for the tokens left, by its budget curve and, where that does not hold on this text, by what its choices came to; a choice that could starve a later token is replaced by the next cheaper tier that cannot.
/// </summary>
/// <param name="inner">A controller's choice, perhaps modified.</param>
/// <param name="learned">The controller's choice itself.</param>
/// <param name="costs">What its tiers take.</param>
/// <param name="ledger">The sequence's.</param>
internal sealed class BudgetPolicy(PrecisionPolicy inner, LearnedPolicy learned, CacheCosts costs, CacheLedger ledger) : PolicyModifier(inner, "budget")
{
    // Tokens over which the controller's choices are held against what was wanted: a few dozen tell a text that is unlike the curve's from chance.
    private const double Memory = 64;

    private readonly BudgetCurve curve = learned.Controller.Budget!;
    private readonly TierCost[] ladder = [.. costs.Ladder.Select(tier => learned.Controller.Tiers.First(cost => cost.Tier == tier))];

    private readonly List<KvTier> given = new(ledger.MostTokens);
    private double missing;

    public override void Begin(ulong sequence)
    {
        base.Begin(sequence);
        Forget();
    }

    /// <inheritdoc/>
    public override void Recall(IReadOnlyList<KvTier> chosen, IReadOnlyList<float> memory)
    {
        base.Recall(chosen, memory);
        Forget();
        Rewind([.. chosen.Skip(ledger.Decided)]);
    }

    public override KvTier Choose(int position) => throw new InvalidOperationException("a budget is kept by looking at tokens in order");

    public override KvTier Choose(TokenView token)
    {
        int first = ledger.Decided - given.Count;
        if (token.Position > ledger.Decided || token.Position < first)
        {
            throw new InvalidOperationException($"position {token.Position} is asked after {ledger.Decided} tokens: a budget is kept by looking at tokens in order");
        }

        if (token.Position < ledger.Decided)
        {
            Rewind([.. given.Take(token.Position - first)]);
        }

        double wanted = Wanted;
        learned.Price = PriceOf(wanted + missing);
        KvTier tier = Nearest(base.Choose(token));
        Give(tier, wanted);
        return tier;
    }

    private double Wanted => Math.Clamp(Bits(ledger.BytesPerToken), curve.Bits[^1], curve.Bits[0]);

    private void Forget()
    {
        ledger.Clear();
        given.Clear();
        missing = 0;
    }

    // What was wanted of a token follows from the tiers before it.
    private void Rewind(KvTier[] chosen)
    {
        Forget();
        foreach (KvTier tier in chosen)
        {
            Give(tier, Wanted);
        }
    }

    private void Give(KvTier tier, double wanted)
    {
        int position = ledger.Decided;
        ledger.Add(tier);
        if (position >= costs.Sinks)
        {
            double range = curve.Bits[0] - curve.Bits[^1];
            missing = Math.Clamp(missing + ((wanted - Bits(costs[tier].BytesPerToken)) / Memory), -range, range);
        }

        given.Add(tier);
    }

    // Beyond the ends of the curve, where its own tokens are all in one tier, its mean slope goes on.
    private double PriceOf(double bits)
    {
        double inside = Math.Clamp(bits, curve.Bits[^1], curve.Bits[0]);
        return curve.PriceOf(inside) + ((inside - bits) * (curve.Prices[^1] - curve.Prices[0]) / (curve.Bits[0] - curve.Bits[^1]));
    }

    // The controller counts bits by its own table of costs, which may be of another group size; between two tiers by a straight line.
    private double Bits(double bytesPerToken)
    {
        for (int i = 1; i < ladder.Length; i++)
        {
            double low = costs[ladder[i - 1].Tier].BytesPerToken;
            double high = costs[ladder[i].Tier].BytesPerToken;
            if (bytesPerToken < high)
            {
                double share = Math.Max(bytesPerToken - low, 0) / (high - low);
                return ladder[i - 1].Bits + (share * (ladder[i].Bits - ladder[i - 1].Bits));
            }
        }

        return ladder[^1].Bits;
    }

    private KvTier Nearest(KvTier chosen)
    {
        if (ledger.Fits(chosen))
        {
            return chosen;
        }

        // Where a row on its own takes more than its share of a unit, the token that makes a unit can cost less than one of a cheaper tier.
        int above = ladder.Length;
        while (above > 0 && costs[ladder[above - 1].Tier].BytesPerToken >= costs[chosen].BytesPerToken)
        {
            above--;
        }

        for (int i = above - 1; i >= 0; i--)
        {
            if (ledger.Fits(ladder[i].Tier))
            {
                return ladder[i].Tier;
            }
        }

        return ladder[above..].Select(cost => cost.Tier).First(ledger.Fits);
    }
}
