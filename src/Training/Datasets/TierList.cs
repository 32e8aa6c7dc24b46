using AdaptiveKv.KvCache;

namespace AdaptiveKv.Training.Datasets;

/// <summary>The tiers that a controller chooses from.</summary>
internal static class TierList
{
    /// <summary>Reads a list of names.</summary>
    /// <exception cref="FormatException">It is no list of two or more tiers, each of more bits than the one before.</exception>
    public static IReadOnlyList<KvTier> Parse(IReadOnlyList<string> names)
    {
        List<KvTier> tiers = [];
        foreach (string name in names)
        {
            if (KvTier.TryParse(name, out KvTier tier) && tier.NominalBits <= 16 && (tiers.Count == 0 || tier.NominalBits > tiers[^1].NominalBits))
            {
                tiers.Add(tier);
            }
        }

        return tiers.Count >= 2 && tiers.Count == names.Count
            ? tiers
            : throw new FormatException($"param tiers is [{string.Join(", ", names)}]: expected two or more tiers such as 2, k3v2, 3, 4, 8, 16, each of more bits than the one before");
    }
}
