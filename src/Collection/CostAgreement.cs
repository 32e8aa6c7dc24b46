using AdaptiveKv.Files;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Collection;

/// <summary>How expected costs of a tier go with measured ones.</summary>
/// <param name="Tier">The tier.</param>
/// <param name="Spearman">Rank correlation over all tokens.</param>
/// <param name="Low">Lower end of its 95 % interval, by bootstrap over texts.</param>
/// <param name="High">Upper end.</param>
/// <param name="Tokens">Tokens that both know.</param>
/// <param name="Texts">Their texts.</param>
internal sealed record CostAgreement(KvTier Tier, double Spearman, double Low, double High, int Tokens, int Texts)
{
    private const int Resamples = 1000;

    /// <summary>Compares the costs of a tier.</summary>
    /// <param name="tier">The tier.</param>
    /// <param name="texts">By text, the tokens' expected and measured costs, those that have both.</param>
    /// <param name="seed">Of the resamples.</param>
    /// <returns>Null where the tier was not measured.</returns>
    public static CostAgreement? Of(KvTier tier, IReadOnlyList<(double Expected, double Measured)[]> texts, ulong seed)
    {
        (double Expected, double Measured)[][] known = [.. texts.Where(text => text.Length > 0)];
        (double Expected, double Measured)[] all = [.. known.SelectMany(text => text)];
        if (all.Length == 0)
        {
            return null;
        }

        double[] resampled = [.. Enumerable.Range(0, Resamples).Select(resample =>
            RankCorrelation([.. Enumerable.Range(0, known.Length).SelectMany(draw => known[Drawn(seed, resample, draw, known.Length)])])).Order()];
        return new CostAgreement(tier, RankCorrelation(all), resampled[Resamples / 40], resampled[^(Resamples / 40)], all.Length, known.Length);
    }

    /// <summary>Spearman's: the correlation of ranks, equal values sharing their mean rank.</summary>
    public static double RankCorrelation((double X, double Y)[] pairs)
    {
        double[] x = Ranks([.. pairs.Select(pair => pair.X)]), y = Ranks([.. pairs.Select(pair => pair.Y)]);
        double middle = (pairs.Length - 1) / 2.0;
        double product = x.Zip(y, (a, b) => (a - middle) * (b - middle)).Sum();
        double squares = Math.Sqrt(x.Sum(a => (a - middle) * (a - middle)) * y.Sum(b => (b - middle) * (b - middle)));
        return squares > 0 ? product / squares : 0;
    }

    private static int Drawn(ulong seed, int resample, int draw, int count) => (int)(new CounterRandom(seed).Uniform((ulong)draw, (ulong)resample) * count);

    private static double[] Ranks(double[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort(values.ToArray(), order);
        double[] ranks = new double[values.Length];
        for (int first = 0, next; first < order.Length; first = next)
        {
            for (next = first + 1; next < order.Length && values[order[next]] == values[order[first]]; next++)
            {
            }

            foreach (int index in order[first..next])
            {
                ranks[index] = (first + next - 1) / 2.0;
            }
        }

        return ranks;
    }
}
