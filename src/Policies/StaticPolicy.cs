using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies;

/// <summary>Every token at the same tier: the baseline of every comparison ("static-16", "static-4", "static-k8v4").</summary>
internal sealed class StaticPolicy : PrecisionPolicy
{
    private readonly KvTier tier;

    /// <summary>Keeps every token at <paramref name="tier"/>.</summary>
    public StaticPolicy(KvTier tier)
    {
        this.tier = tier;
        Name = "static-" + tier;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override BitWidth Staging => tier.Keys == BitWidth.ThirtyTwo || tier.Values == BitWidth.ThirtyTwo ? BitWidth.ThirtyTwo : BitWidth.Sixteen;

    /// <summary>Whether tokens lose nothing of what they were staged at.</summary>
    internal bool IsWhole => tier == KvTier.Of(Staging);

    /// <inheritdoc/>
    public override KvTier Choose(int position) => tier;
}
