using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Policies.Budgets;

/// <summary>
/// Keeps one sequence's cache within a number of bytes ("learned+budget"). Before each choice the controller's price is set to what leads to the mean
/// of bits that the bytes left allow for the tokens left; a choice that could starve a later token is replaced by the next cheaper tier that cannot.
/// </summary>
/// <param name="inner">A controller's choice, perhaps modified.</param>
/// <param name="learned">The controller's choice itself.</param>
/// <param name="costs">What its tiers take.</param>
/// <param name="ledger">The sequence's.</param>
internal sealed class BudgetPolicy(PrecisionPolicy inner, LearnedPolicy learned, CacheCosts costs, CacheLedger ledger) : PolicyModifier(inner, "budget")
{
    private readonly BudgetCurve curve = learned.Controller.Budget!;
    private readonly TierCost[] ladder = [.. costs.Ladder.Select(tier => learned.Controller.Tiers.First(cost => cost.Tier == tier))];

    public override KvTier Choose(int position) => throw new InvalidOperationException("a budget is kept by looking at tokens in order");

    public override KvTier Choose(TokenView token)
    {
        if (token.Position != ledger.Decided)
        {
            throw new InvalidOperationException($"position {token.Position} is asked after {ledger.Decided} tokens: a budget holds for one pass over one sequence");
        }

        learned.Price = curve.PriceOf(Math.Clamp(Bits(ledger.BytesPerToken), curve.Bits[^1], curve.Bits[0]));
        KvTier tier = Nearest(base.Choose(token));
        ledger.Add(tier);
        return tier;
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

        // A tier with room in its open unit can cost less than a cheaper one that has to begin a unit.
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
