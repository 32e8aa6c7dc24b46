using AdaptiveKv.KvCache;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>What the scheduler does and has done.</summary>
/// <param name="Running">Sequences that have a slot.</param>
/// <param name="Waiting">Sequences that wait for one.</param>
/// <param name="PromptTokens">Tokens of prompts that were read.</param>
/// <param name="SharedTokens">Tokens of prompts that were taken over instead.</param>
/// <param name="GeneratedTokens">Tokens of continuations.</param>
/// <param name="Steps">Steps of decoding, each of all sequences that decode.</param>
/// <param name="Caches">By tier what caches in use and kept ones take.</param>
/// <param name="KeptBytes">Bytes of caches whose sequence has ended.</param>
/// <param name="Elements">Key and value elements of a token.</param>
internal sealed record SchedulerState(
    int Running, int Waiting, long PromptTokens, long SharedTokens, long GeneratedTokens, long Steps, IReadOnlyList<SchedulerState.TierUse> Caches, long KeptBytes, long Elements)
{
    /// <summary>Allocated bits per element over all caches; 0 where there is none.</summary>
    public double EffectiveBits => Caches.Sum(tier => tier.Tokens) is > 0 and int tokens ? Caches.Sum(tier => tier.Bytes) * 8.0 / (Elements * tokens) : 0;

    /// <summary>What the caches hold in a tier.</summary>
    /// <param name="Tier">The tier.</param>
    /// <param name="Tokens">Tokens; those that several sequences share once.</param>
    /// <param name="Bytes">Bytes allocated.</param>
    internal sealed record TierUse(KvTier Tier, int Tokens, long Bytes);

    /// <summary>What caches hold by tier.</summary>
    public static IReadOnlyList<TierUse> Of(IReadOnlyList<CacheHolder> holders) =>
    [
        .. from holder in holders
           from tier in holder.Cache.Statistics().Tiers
           group (Tokens: holder.OwnTokens(tier.Tier.Index, tier.Tokens), Bytes: tier.Bytes) by tier.Tier into all
           orderby all.Key.Index
           select new TierUse(all.Key, all.Sum(use => use.Tokens), all.Sum(use => use.Bytes)),
    ];
}
