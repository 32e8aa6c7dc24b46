namespace AdaptiveKv.Evaluation.Statistics;

/// <summary>A share of successes in independent trials, such as an accuracy.</summary>
/// <param name="Successes">Number of successes.</param>
/// <param name="Count">Number of trials, at least 1.</param>
public sealed record Proportion(int Successes, int Count)
{
    /// <summary>The 97.5 % point of the normal distribution.</summary>
    internal const double Z95 = 1.959963984540054;

    /// <summary>The share p, 0 to 1.</summary>
    public double Value => (double)Successes / Count;

    /// <summary>sqrt(p (1 - p) / (n - 1)), as lm-evaluation-harness reports it; null for a single trial.</summary>
    public double? StandardError => Count > 1 ? Math.Sqrt(Value * (1 - Value) / (Count - 1)) : null;

    /// <summary>Lower end of the 95 % interval of Wilson (1927), which stays sensible near 0 and 1.</summary>
    public double Lower => Math.Max(0, Center - HalfWidth);

    /// <summary>Upper end of the 95 % interval.</summary>
    public double Upper => Math.Min(1, Center + HalfWidth);

    private double Center => (Value + (Z95 * Z95 / (2 * Count))) / Scale;

    private double HalfWidth => Z95 / Scale * Math.Sqrt((Value * (1 - Value) / Count) + (Z95 * Z95 / (4.0 * Count * Count)));

    private double Scale => 1 + (Z95 * Z95 / Count);
}
