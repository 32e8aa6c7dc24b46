using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies.Control;

/// <summary>A tier that a controller can choose, and what it costs.</summary>
/// <param name="Tier">The tier.</param>
/// <param name="Bits">Effective bits per stored element: codes, scales and zero points.</param>
/// <param name="Milliseconds">Time of a decoded token with the whole cache at this tier; null where it was not measured.</param>
public sealed record TierCost(KvTier Tier, double Bits, double? Milliseconds)
{
    /// <summary>What a code costs per element beyond its bits: a scale and a zero point of 8 bits each per row of 64 elements.</summary>
    public const double ParameterBits = 16.0 / 64;

    /// <summary>The cost of a tier that nobody measured, by its layout at a head dimension of 64: b + 0.25 bits below 16; 0 of a dropped token.</summary>
    public static TierCost Nominal(KvTier tier) => new(tier, (Effective(tier.Keys) + Effective(tier.Values)) / 2, null);

    private static double Effective(BitWidth width) => (int)width + (width is > BitWidth.Zero and < BitWidth.Sixteen ? ParameterBits : 0);
}
