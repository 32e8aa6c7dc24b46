namespace AdaptiveKv.Evaluation.Statistics;

/// <summary>The straight line y = intercept + slope * x with the least squared error in y.</summary>
/// <param name="Intercept">y at x = 0.</param>
/// <param name="Slope">Growth of y per unit of x.</param>
internal readonly record struct LinearFit(double Intercept, double Slope)
{
    /// <returns>Null where all x are equal: no slope follows from them.</returns>
    public static LinearFit? Of(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count == 0)
        {
            return null;
        }

        double meanX = points.Average(point => point.X);
        double meanY = points.Average(point => point.Y);
        double spread = points.Sum(point => (point.X - meanX) * (point.X - meanX));
        if (spread == 0)
        {
            return null;
        }

        double slope = points.Sum(point => (point.X - meanX) * (point.Y - meanY)) / spread;
        return new LinearFit(meanY - (slope * meanX), slope);
    }
}
