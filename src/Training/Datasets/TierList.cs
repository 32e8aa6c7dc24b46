using AdaptiveKv.KvCache;

namespace AdaptiveKv.Training.Datasets;

/// <summary>The widths that a controller chooses from.</summary>
internal static class TierList
{
    /// <summary>Checks a list of widths.</summary>
    /// <exception cref="FormatException">It is no rising list of two or more of 2, 3, 4, 8 and 16.</exception>
    public static IReadOnlyList<BitWidth> Parse(IReadOnlyList<long> bits)
    {
        bool known = bits.All(width => width is >= 2 and <= 16 && Enum.IsDefined((BitWidth)width));
        return known && bits.Count >= 2 && bits.Zip(bits.Skip(1)).All(pair => pair.First < pair.Second)
            ? [.. bits.Select(width => (BitWidth)width)]
            : throw new FormatException($"param tiers is [{string.Join(", ", bits)}]: expected two or more of 2, 3, 4, 8, 16, in this order");
    }
}
