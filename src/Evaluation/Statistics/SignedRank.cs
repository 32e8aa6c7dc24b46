namespace AdaptiveKv.Evaluation.Statistics;

/// <summary>
/// Wilcoxon's signed-rank test (1945) of paired differences, with mean ranks for ties: differences of divergences have so long a tail that a test of
/// their mean sees little else.
/// </summary>
/// <param name="PValue">Two-sided probability of ranks as uneven if either sign were equally likely; 1 where no difference is left.</param>
/// <param name="Balance">Ranks of positive less those of negative differences as a share of all, -1 to 1 (matched-pairs rank-biserial correlation, Kerby 2014); 0 where none is left.</param>
internal readonly record struct SignedRank(double PValue, double Balance)
{
    // Up to here every assignment of signs is counted, which ties do not disturb; beyond, the normal distribution is as good.
    private const int MostCounted = 100;

    /// <summary>The test.</summary>
    /// <param name="differences">One per pair; zeros are left out.</param>
    public static SignedRank Of(IEnumerable<double> differences)
    {
        double[] sorted = [.. differences.Where(value => value != 0).OrderBy(Math.Abs)];
        int[] ranks = DoubledRanks(sorted);
        long total = ranks.Sum(rank => (long)rank);
        long positive = ranks.Index().Sum(rank => sorted[rank.Index] > 0 ? (long)rank.Item : 0);
        if (total == 0)
        {
            return new SignedRank(1, 0);
        }

        double balance = ((2.0 * positive) - total) / total;
        return new SignedRank(sorted.Length <= MostCounted ? Counted(ranks, total, positive) : Approximate(ranks, total, positive), balance);
    }

    // Twice the rank of each |difference|, the mean one of those that are equal, so that all are whole.
    private static int[] DoubledRanks(double[] sorted)
    {
        int[] ranks = new int[sorted.Length];
        for (int first = 0; first < sorted.Length;)
        {
            int end = first + 1;
            while (end < sorted.Length && Math.Abs(sorted[end]) == Math.Abs(sorted[first]))
            {
                end++;
            }

            Array.Fill(ranks, first + 1 + end, first, end - first);
            first = end;
        }

        return ranks;
    }

    // The distribution of the positive ranks' sum, sign by sign: each rank counts or does not, with probability 1/2.
    private static double Counted(int[] ranks, long total, long positive)
    {
        double[] probability = new double[total + 1];
        probability[0] = 1;
        long reached = 0;
        foreach (int rank in ranks)
        {
            reached += rank;
            for (long sum = reached; sum >= 0; sum--)
            {
                probability[sum] = (probability[sum] + (sum >= rank ? probability[sum - rank] : 0)) / 2;
            }
        }

        double tail = 0;
        for (long sum = 0; sum <= Math.Min(positive, total - positive); sum++)
        {
            tail += probability[sum];
        }

        return Math.Min(1, 2 * tail);
    }

    // Var(sum of ranks that count) = sum of rank^2 / 4, ties included.
    private static double Approximate(int[] ranks, long total, long positive) =>
        Normal.TwoSided((positive - (total / 2.0)) / Math.Sqrt(ranks.Sum(rank => (double)rank * rank) / 4));
}
