using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Collection;

/// <summary>The params of the stage <c>allocate</c>.</summary>
internal sealed record AllocateParams
{
    [Param("Tiers whose bits are spread; on the whole each keeps its own", LeastCount = 1, Check = nameof(Tier))]
    public IReadOnlyList<string> Tiers { get; init; } = ["k3v2", "3", "k4v3", "4"];

    [Param("Tokens to read", Minimum = 1, Unit = "tokens")]
    public int Tokens { get; init; } = 1024;

    [Param("Most tokens read from an empty cache", Minimum = 2, Unit = "tokens")]
    public int Window { get; init; } = 512;

    [Param("First tokens at 16 bits", Minimum = 0, Unit = "tokens")]
    public int Sinks { get; init; } = 1;

    [Param("Of the draw")]
    public ulong Seed { get; init; } = 42;

    /// <exception cref="FormatException">It is no tier, or one whose bits cannot be spread.</exception>
    public static KvTier Tier(string name) => KvTier.TryParse(name, out KvTier tier) && tier.NominalBits is >= 2 and <= 4
        ? tier
        : throw new FormatException($"'{name}': expected tiers of 2 to 4 bits in the mean, such as k3v2");
}
