using AdaptiveKv.KvCache;

namespace AdaptiveKv.Training.Datasets;

/// <summary>The tiers that a controller chooses from.</summary>
internal static class TierList
{
    /// <summary>The tier of a name.</summary>
    /// <exception cref="FormatException">There is none, or it has more than 16 bits.</exception>
    public static KvTier Tier(string name) =>
        KvTier.TryParse(name, out KvTier tier) && tier.NominalBits <= 16 ? tier : throw new FormatException($"'{name}' is no tier: expected tiers such as 0, 2, k3v2, 3, 4, 8, 16");

    /// <summary>Reads a list of names.</summary>
    /// <exception cref="FormatException">It is no list of two or more tiers, each of more bits than the one before.</exception>
    public static IReadOnlyList<KvTier> Parse(IReadOnlyList<string> names) =>
        Problem(names) is { } problem ? throw new FormatException($"param tiers {problem}") : [.. names.Select(Tier)];

    /// <summary>What is wrong with a list of names; null if nothing is.</summary>
    /// <exception cref="FormatException">A name is no tier.</exception>
    public static string? Problem(IReadOnlyList<string> names)
    {
        double[] bits = [.. names.Select(name => Tier(name).NominalBits)];
        return bits.Length >= 2 && bits.Zip(bits.Skip(1)).All(pair => pair.First < pair.Second)
            ? null
            : $"is [{string.Join(", ", names)}]: expected two or more tiers, each of more bits than the one before";
    }
}
