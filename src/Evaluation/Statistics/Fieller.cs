namespace AdaptiveKv.Evaluation.Statistics;

/// <summary>Fieller's interval (1954) of the ratio of two means of the same clusters, either of which may be negative: all ratios r for which the mean of a - r b is not told from 0.</summary>
internal static class Fieller
{
    /// <summary>The 95 % interval; null where it is not bounded: the mean of the second is itself not told from 0, or there is a single cluster.</summary>
    /// <param name="a">Sum of each cluster.</param>
    /// <param name="b">The same, paired.</param>
    public static (double Low, double High)? Interval(double[] a, double[] b)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, b.Length, nameof(b));
        int n = a.Length;
        if (n < 2)
        {
            return null;
        }

        (double meanA, double meanB) = (a.Average(), b.Average());
        double reach = Math.Pow(Student.Reach95(n - 1), 2) / n / (n - 1);

        // (meanA - r meanB)^2 <= t^2 (Saa - 2 r Sab + r^2 Sbb) / n, a quadratic in r that opens upwards where meanB is told from 0.
        double square = (meanB * meanB) - (reach * Sum(b, meanB, b, meanB));
        double half = (meanA * meanB) - (reach * Sum(a, meanA, b, meanB));
        double constant = (meanA * meanA) - (reach * Sum(a, meanA, a, meanA));
        if (square <= 0)
        {
            return null;
        }

        double root = Math.Sqrt(Math.Max(0, (half * half) - (square * constant)));
        return ((half - root) / square, (half + root) / square);
    }

    private static double Sum(double[] a, double meanA, double[] b, double meanB) => a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
}
