using AdaptiveKv.KvCache;

namespace AdaptiveKv.Collection;

/// <summary>
/// Spreads a sum of bits over parts of the cache that lose differently: from the fewest bits up, each next bit goes where it saves most. Losses are taken to add up; the greedy
/// choice is the optimum where each part's losses are convex in its bits (Fox, 1966), and where they are not a step may be of several bits.
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
        int[] chosen = new int[losses.Count];
        int left = bits - (losses.Count * (int)widths[0]);
        while (left > 0)
        {
            (double Saving, int Part, int Width) best = (double.NegativeInfinity, 0, 0);
            for (int part = 0; part < chosen.Length; part++)
            {
                for (int width = chosen[part] + 1; width < widths.Count; width++)
                {
                    int step = (int)widths[width] - (int)widths[chosen[part]];
                    double saving = (losses[part][chosen[part]] - losses[part][width]) / step;
                    best = step <= left && saving > best.Saving ? (saving, part, width) : best;
                }
            }

            if (best.Width == 0)
            {
                break;
            }

            left -= (int)widths[best.Width] - (int)widths[chosen[best.Part]];
            chosen[best.Part] = best.Width;
        }

        return left == 0
            ? [.. chosen.Select(width => widths[width])]
            : throw new ArgumentException($"{bits} bits over {losses.Count} parts cannot be reached with {string.Join(", ", widths.Select(width => (int)width))} bits each");
    }
}
