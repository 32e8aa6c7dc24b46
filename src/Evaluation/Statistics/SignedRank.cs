namespace AdaptiveKv.Evaluation.Statistics;

/// <summary>
/// Wilcoxon's signed-rank test (1945) of paired differences, by its normal approximation with mean ranks for ties: differences of divergences
/// have so long a tail that a test of their mean sees little else.
/// </summary>
internal static class SignedRank
{
    /// <summary>Two-sided probability of ranks as uneven if either sign were equally likely; 1 where no difference is left.</summary>
    /// <param name="differences">One per pair; zeros are left out.</param>
    public static double PValue(IEnumerable<double> differences)
    {
        double[] sorted = [.. differences.Where(value => value != 0).OrderBy(Math.Abs)];
        double positive = 0;
        double ties = 0;
        for (int first = 0; first < sorted.Length;)
        {
            int end = first + 1;
            while (end < sorted.Length && Math.Abs(sorted[end]) == Math.Abs(sorted[first]))
            {
                end++;
            }

            double rank = (first + 1 + end) / 2.0;
            positive += rank * sorted.AsSpan(first, end - first).ToArray().Count(value => value > 0);
            double tied = end - first;
            ties += (tied * tied * tied) - tied;
            first = end;
        }

        double n = sorted.Length;
        double variance = ((n * (n + 1) * ((2 * n) + 1)) / 24) - (ties / 48);
        return variance > 0 ? Normal.TwoSided((positive - (n * (n + 1) / 4)) / Math.Sqrt(variance)) : 1;
    }
}
