using AdaptiveKv.KvCache;

namespace AdaptiveKv.Evaluation;

/// <summary>How many tokens were kept at which tier.</summary>
internal sealed class TierHistogram
{
    private static readonly KvTier[] Tiers = TiersByIndex();

    private readonly long[] counts = new long[KvTier.Count];

    /// <summary>Mean of key and value bits over the tokens, without scales, minima or padding.</summary>
    public double NominalBits
    {
        get
        {
            double bits = 0;
            long tokens = 0;
            for (int index = 0; index < counts.Length; index++)
            {
                bits += counts[index] * ((double)Tiers[index].Keys + (double)Tiers[index].Values) / 2;
                tokens += counts[index];
            }

            return tokens > 0 ? bits / tokens : 0;
        }
    }

    /// <param name="tokens">Tokens per <see cref="KvTier.Index"/>.</param>
    public void Add(IReadOnlyList<long> tokens)
    {
        for (int index = 0; index < tokens.Count; index++)
        {
            counts[index] += tokens[index];
        }
    }

    public void Add(KvTier tier, long tokens) => counts[tier.Index] += tokens;

    /// <summary>Tokens by the tier's name, tiers without tokens left out, from few bits to many.</summary>
    public IReadOnlyDictionary<string, long> ByName()
    {
        var named = new OrderedDictionary<string, long>();
        foreach (KvTier tier in Tiers.Where(tier => counts[tier.Index] > 0).OrderBy(tier => (int)tier.Keys + (int)tier.Values))
        {
            named.Add(tier.ToString(), counts[tier.Index]);
        }

        return named;
    }

    private static KvTier[] TiersByIndex()
    {
        var tiers = new KvTier[KvTier.Count];
        foreach (BitWidth keys in Enum.GetValues<BitWidth>())
        {
            foreach (BitWidth values in Enum.GetValues<BitWidth>())
            {
                var tier = new KvTier(keys, values);
                tiers[tier.Index] = tier;
            }
        }

        return tiers;
    }
}
