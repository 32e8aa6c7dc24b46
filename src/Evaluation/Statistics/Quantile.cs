namespace AdaptiveKv.Evaluation.Statistics;

/// <summary>Order statistics with linear interpolation between the neighbours (type 7 of Hyndman and Fan 1996; NumPy's default).</summary>
internal static class Quantile
{
    public static double Median(ReadOnlySpan<double> values) => Of(values, 0.5);

    public static double P95(ReadOnlySpan<double> values) => Of(values, 0.95);

    /// <param name="values">At least one, in any order.</param>
    /// <param name="share">0 gives the smallest, 1 the largest.</param>
    public static double Of(ReadOnlySpan<double> values, double share)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Length, nameof(values));
        double[] sorted = values.ToArray();
        Array.Sort(sorted);
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
