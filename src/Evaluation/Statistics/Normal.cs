using MathNet.Numerics;

namespace AdaptiveKv.Evaluation.Statistics;

/// <summary>The standard normal distribution.</summary>
internal static class Normal
{
    /// <summary>Probability of a value at least as far from 0 as <paramref name="z"/>.</summary>
    public static double TwoSided(double z) => SpecialFunctions.Erfc(Math.Abs(z) / Math.Sqrt(2));
}
