using AdaptiveKv.KvCache;

namespace AdaptiveKv.Collection;

/// <summary>
/// Spreads a sum of bits over parts of the cache that lose differently, so that the sum of their losses is least: a multiple-choice knapsack, solved by dynamic programming
/// over the sum (Dudzinski and Walukiewicz, 1987). Losses are taken to add up.
/// </summary>
internal static class BitAllocation
{
    /// <summary>Widths by part.</summary>
    /// <param name="losses">[parts][widths].</param>
    /// <param name="widths">Rising.</param>
    /// <param name="bits">Sum over the parts.</param>
    /// <exception cref="ArgumentException">The sum cannot be reached.</exception>
    public static BitWidth[] Of(IReadOnlyList<double[]> losses, IReadOnlyList<BitWidth> widths, int bits)
    {
        double[] least = [0, .. Enumerable.Repeat(double.PositiveInfinity, bits)]; // By the bits of the parts so far.
        int[][] chosen = [.. losses.Select(_ => new int[bits + 1])];
        for (int part = 0; part < losses.Count; part++)
        {
            double[] before = least;
            least = [.. Enumerable.Repeat(double.PositiveInfinity, bits + 1)];
            for (int sum = 0; sum <= bits; sum++)
            {
                for (int width = 0; width < widths.Count && (int)widths[width] <= sum; width++)
                {
                    double loss = before[sum - (int)widths[width]] + losses[part][width];
                    (least[sum], chosen[part][sum]) = loss < least[sum] ? (loss, width) : (least[sum], chosen[part][sum]);
                }
            }
        }

        if (!double.IsFinite(least[bits]))
        {
            throw new ArgumentException($"{bits} bits over {losses.Count} parts cannot be reached with {string.Join(", ", widths.Select(width => (int)width))} bits each");
        }

        BitWidth[] found = new BitWidth[losses.Count];
        for (int part = losses.Count - 1, left = bits; part >= 0; left -= (int)found[part], part--)
        {
            found[part] = widths[chosen[part][left]];
        }

        return found;
    }
}
