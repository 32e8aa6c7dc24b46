namespace AdaptiveKv.Evaluation.Statistics;

/// <summary>A mean over parts of clusters: sum of the clusters' totals / sum of their sizes, with the error of cluster sampling (Cochran 1977, 6.3).</summary>
/// <param name="Value">The mean.</param>
/// <param name="StandardError">Over clusters; null for a single one.</param>
/// <param name="Clusters">How many.</param>
internal readonly record struct RatioMean(double Value, double? StandardError, int Clusters)
{
    /// <summary>Half the width of the 95 % interval; null for a single cluster.</summary>
    public double? HalfInterval => StandardError * Student.Reach95(Math.Max(1, Clusters - 1));

    /// <summary>The mean of some clusters.</summary>
    /// <param name="totals">Sum of each cluster.</param>
    /// <param name="sizes">Parts of each cluster, as many as <paramref name="totals"/>.</param>
    public static RatioMean Of(ReadOnlySpan<double> totals, ReadOnlySpan<double> sizes)
    {
        double total = 0;
        double size = 0;
        for (int i = 0; i < totals.Length; i++)
        {
            total += totals[i];
            size += sizes[i];
        }

        double mean = total / size;
        double squares = 0;
        for (int i = 0; i < totals.Length; i++)
        {
            double residual = totals[i] - (mean * sizes[i]);
            squares += residual * residual;
        }

        int n = totals.Length;
        return new RatioMean(mean, n > 1 ? Math.Sqrt(squares * n / (n - 1)) / size : null, n);
    }
}
