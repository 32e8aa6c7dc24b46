namespace AdaptiveKv.Training.Assessment;

/// <summary>Between which numbers a figure lies with a probability of 95 %.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
internal readonly record struct Interval(double Low, double High)
{
    private const double Tail = 0.025;

    /// <summary>What is left of a figure's values in resamples without the 2.5 % at either end (Efron 1979).</summary>
    public static Interval Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int cut = (int)(Tail * sorted.Length);
        return new Interval(sorted[cut], sorted[^(cut + 1)]);
    }
}
