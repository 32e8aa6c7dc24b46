using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Evaluation;

/// <summary>How much of the way from chance to the oracle a policy goes.</summary>
/// <param name="Value">(chance - policy) / (chance - oracle), of mean KL; 0 at chance, 1 at the oracle.</param>
/// <param name="Low">Lower end of its 95 % interval over items; null where items do not show that the oracle is better than chance, so that no interval is bounded.</param>
/// <param name="High">Upper end.</param>
public sealed record GapShare(double Value, double? Low, double? High)
{
    /// <summary>The share on some items; null where the oracle is no better than chance.</summary>
    /// <param name="policy">Summed KL of each item.</param>
    /// <param name="chance">The same of chance.</param>
    /// <param name="oracle">The same of the oracle.</param>
    internal static GapShare? Of(double[] policy, double[] chance, double[] oracle)
    {
        double[] gone = [.. chance.Zip(policy, (random, own) => random - own)];
        double[] whole = [.. chance.Zip(oracle, (random, best) => random - best)];
        if (whole.Sum() <= 0)
        {
            return null;
        }

        (double Low, double High)? interval = Fieller.Interval(gone, whole);
        return new GapShare(gone.Sum() / whole.Sum(), interval?.Low, interval?.High);
    }
}
