using System.Globalization;

namespace AdaptiveKv.Training.Datasets;

/// <summary>A number as results carry it.</summary>
internal static class Figure
{
    /// <summary>
    /// Seven digits: logarithms and exponentials of C libraries differ in the last places of a double, and results shall be the same bytes
    /// on every machine.
    /// </summary>
    public static double Round(double value) => double.Parse(value.ToString("G7", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
