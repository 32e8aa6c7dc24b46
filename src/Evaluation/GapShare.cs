using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Evaluation;

/// <summary>How much of the way from chance to the oracle a policy goes.</summary>
/// <param name="Value">(chance - policy) / (chance - oracle), of mean KL; 0 at chance, 1 at the oracle.</param>
/// <param name="Low">Lower end of its 95 % interval over items.</param>
/// <param name="High">Upper end.</param>
public sealed record GapShare(double Value, double Low, double High)
{
    /// <summary>The share on some items; null where the oracle is no better than chance.</summary>
    /// <param name="policy">Summed KL of each item.</param>
    /// <param name="chance">The same of chance.</param>
    /// <param name="oracle">The same of the oracle.</param>
    /// <param name="sizes">Predictions of each item.</param>
    internal static GapShare? Of(double[] policy, double[] chance, double[] oracle, double[] sizes)
    {
        double whole = RatioMean.Of([.. chance.Zip(oracle, (random, best) => random - best)], sizes).Value;
        if (whole <= 0)
        {
            return null;
        }

        // The ratio of two means of the same items, linearized.
        double share = RatioMean.Of([.. chance.Zip(policy, (random, own) => random - own)], sizes).Value / whole;
        double[] residuals = [.. chance.Select((random, item) => ((random - policy[item]) - (share * (random - oracle[item]))) / whole)];
        double half = RatioMean.Of(residuals, sizes).HalfInterval;
        return new GapShare(share, share - half, share + half);
    }
}
