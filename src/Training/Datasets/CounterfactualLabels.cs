namespace AdaptiveKv.Training.Datasets;

/// <summary>
/// Labels of tokens by what each tier alone does to the divergence: the cheapest tier whose KL is at most epsilon above that of the dearest. The
/// tables count increases from the operating tier; counted from there no token could ever be worth more bits than that.
/// </summary>
internal static class CounterfactualLabels
{
    /// <summary>The label.</summary>
    /// <param name="increases">By tier, fewest bits first, from any common tier.</param>
    /// <param name="epsilon">Nats.</param>
    public static int Of(ReadOnlySpan<float> increases, double epsilon)
    {
        for (int tier = 0; tier < increases.Length - 1; tier++)
        {
            if (increases[tier] - (double)increases[^1] <= epsilon)
            {
                return tier;
            }
        }

        return increases.Length - 1;
    }

    /// <summary>Mean nominal bits of the labels.</summary>
    public static double MeanBits(IReadOnlyList<float[]> rows, IReadOnlyList<double> bits, double epsilon) => rows.Sum(increases => bits[Of(increases, epsilon)]) / rows.Count;

    /// <summary>
    /// The smallest epsilon, 0 or the increase of some row, at which the labels take no more than some mean bits: with a larger one a tier is
    /// good enough for more tokens, so the mean falls as epsilon grows.
    /// </summary>
    /// <param name="rows">Increases by tier of the training rows.</param>
    /// <param name="bits">Nominal bits of each tier, rising.</param>
    /// <param name="target">Mean bits wanted.</param>
    public static double Solve(IReadOnlyList<float[]> rows, IReadOnlyList<double> bits, double target)
    {
        double[] candidates = [0, .. rows.SelectMany(increases => increases.Select(increase => increase - (double)increases[^1])).Where(increase => increase > 0).Distinct().Order()];
        int low = 0;
        int high = candidates.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (MeanBits(rows, bits, candidates[middle]) <= target)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return candidates[low];
    }
}
