namespace AdaptiveKv.KvCache;

/// <summary>
/// Where the bits of a cache come from. All figures are per stored element: <see cref="Allocated"/> is <see cref="Coded"/>, which is codes and scales of the tokens that a
/// policy gave a tier, and what sinks, waiting tokens and unused room add to it.
/// </summary>
/// <param name="Tokens">Tokens held.</param>
/// <param name="Sinks">First ones that stay at the staging width.</param>
/// <param name="Waiting">Newest ones at the staging width, whose tier is not chosen yet.</param>
/// <param name="Codes">Mean of key and value bits over the tokens that have a tier; null where none has.</param>
/// <param name="Coded">The same with scales and zero points.</param>
/// <param name="Allocated">Bits of all bytes that were allocated.</param>
/// <param name="OfSinks">What the first tokens add: they have more bits than the coded ones.</param>
/// <param name="OfWaiting">What the waiting ones add.</param>
/// <param name="Unused">What pages of long sequences leave unused.</param>
public sealed record CacheAccount(
    int Tokens, int Sinks, int Waiting, double? Codes, double? Coded, double Allocated, double OfSinks, double OfWaiting, double Unused)
{
    /// <summary>What scales and zero points take; null where no token has a tier.</summary>
    public double? Scales => Coded - Codes;

    /// <summary>The account of a cache; null of an empty one.</summary>
    /// <param name="cache">Its statistics.</param>
    /// <param name="staging">The tier in which tokens wait.</param>
    /// <param name="sinks">First tokens that the policy keeps there.</param>
    public static CacheAccount? Of(CacheStatistics cache, KvTier staging, int sinks)
    {
        if (cache.Tokens == 0)
        {
            return null;
        }

        int kept = Math.Min(sinks, cache.Tokens - cache.Waiting);
        int whole = kept + cache.Waiting;
        int coded = cache.Tokens - whole;
        double bytes = 0;
        double codes = 0;
        double used = 0;
        double perWhole = 0;
        foreach (TierStatistics tier in cache.Tiers.Where(tier => tier.Tokens > 0))
        {
            // Tokens that chose the staging tier lie there with those that are kept in it.
            int own = tier.Tokens - (tier.Tier == staging ? whole : 0);
            double perToken = tier.UsedBytes / tier.Tokens;
            perWhole = tier.Tier == staging ? perToken : perWhole;
            bytes += own * perToken;
            codes += own * tier.Tier.NominalBits;
            used += tier.UsedBytes;
        }

        double perByte = 8.0 / cache.ElementsPerToken;
        double usual = coded > 0 ? bytes / coded : 0;
        double perAll = perByte / cache.Tokens;
        return new CacheAccount(
            cache.Tokens,
            kept,
            cache.Waiting,
            coded > 0 ? codes / coded : null,
            coded > 0 ? usual * perByte : null,
            cache.EffectiveBits,
            kept * (perWhole - usual) * perAll,
            cache.Waiting * (perWhole - usual) * perAll,
            (cache.Bytes - used) * perAll);
    }
}
