namespace AdaptiveKv.Data;

/// <summary>Chooses rows at random, by a generator of its own, so that a seed means the same rows everywhere.</summary>
internal static class RowSample
{
    /// <summary>Distinct row numbers in rising order; all of them where there are not more (Floyd's method: Bentley and Floyd, CACM 30(9), 1987).</summary>
    public static IReadOnlyList<long> Choose(long total, int count, ulong seed)
    {
        var chosen = new SortedSet<long>();
        for (long last = Math.Max(0, total - count); last < total; last++)
        {
            long candidate = (long)Math.BigMul(Next(ref seed), (ulong)last + 1, out _);
            chosen.Add(chosen.Contains(candidate) ? last : candidate);
        }

        return [.. chosen];
    }

    // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    private static ulong Next(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
