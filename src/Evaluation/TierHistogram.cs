using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Evaluation;

/// <summary>How many tokens were kept at which tier.</summary>
internal sealed class TierHistogram
{
    private readonly long[] counts = new long[KvTier.Count];

    /// <summary>Mean of key and value bits over the tokens, without scales, zero points or padding.</summary>
    public double NominalBits
    {
        get
        {
            double bits = 0;
            long tokens = 0;
            for (int index = 0; index < counts.Length; index++)
            {
                bits += counts[index] * KvTier.All[index].NominalBits;
                tokens += counts[index];
            }

            return tokens > 0 ? bits / tokens : 0;
        }
    }

    /// <summary>Mean effective bits of the tokens, by the layout of their tiers: codes, scales and zero points. 0 where no token is left.</summary>
    /// <param name="except">A tier of which some tokens do not count.</param>
    /// <param name="tokens">Number of these.</param>
    public double EffectiveBits(KvTier except, long tokens)
    {
        double bits = 0;
        long counted = 0;
        foreach (KvTier tier in KvTier.All)
        {
            long own = counts[tier.Index] - (tier == except ? Math.Min(tokens, counts[tier.Index]) : 0);
            bits += own * TierCost.Nominal(tier).Bits;
            counted += own;
        }

        return counted > 0 ? bits / counted : 0;
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
        foreach (KvTier tier in KvTier.All.Where(tier => counts[tier.Index] > 0).OrderBy(tier => tier.NominalBits))
        {
            named.Add(tier.ToString(), counts[tier.Index]);
        }

        return named;
    }
}
