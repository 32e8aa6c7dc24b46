namespace AdaptiveKv.Training.Datasets;

/// <summary>How a feature is spread over rows.</summary>
/// <param name="Rows">Rows that have it.</param>
/// <param name="Mean">Over those rows.</param>
/// <param name="Std">Standard deviation over them (n).</param>
internal sealed record FeatureMoments(int Rows, double Mean, double Std)
{
    /// <summary>Moments of the values that are finite, in two passes; 0 where none is.</summary>
    public static FeatureMoments Of(IEnumerable<float> values)
    {
        float[] known = [.. values.Where(float.IsFinite)];
        if (known.Length == 0)
        {
            return new FeatureMoments(0, 0, 0);
        }

        double mean = known.Sum(value => (double)value) / known.Length;
        double squares = known.Sum(value => (value - mean) * (value - mean));
        return new FeatureMoments(known.Length, Figure.Round(mean), Figure.Round(Math.Sqrt(squares / known.Length)));
    }
}
