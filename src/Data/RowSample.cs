using AdaptiveKv.Files;

namespace AdaptiveKv.Data;

/// <summary>Chooses rows at random, by a generator of its own, so that a seed means the same rows everywhere.</summary>
internal static class RowSample
{
    /// <summary>Distinct row numbers in rising order; all of them where there are not more (Floyd's method: Bentley and Floyd, CACM 30(9), 1987).</summary>
    public static IReadOnlyList<long> Choose(long total, int count, ulong seed)
    {
        var chosen = new SortedSet<long>();
        long first = Math.Max(0, total - count);
        for (long last = first; last < total; last++)
        {
            long candidate = (long)Math.BigMul(SplitMix64.Bits(seed, (ulong)(last - first)), (ulong)last + 1, out _);
            chosen.Add(chosen.Contains(candidate) ? last : candidate);
        }

        return [.. chosen];
    }
}
