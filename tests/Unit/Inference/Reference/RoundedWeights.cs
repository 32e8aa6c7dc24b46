namespace AdaptiveKv.Unit.Inference.Reference;

/// <summary>Weights as integer arithmetic keeps types without codes of their own: 32 share a binary16 scale, the largest of them is 127 steps.</summary>
internal static class RoundedWeights
{
    private const int Columns = 32;
    private const double Levels = 127;

    /// <summary>A model with rounded matrices.</summary>
    /// <param name="model">The model.</param>
    /// <param name="binary16">Whether scales are rounded to it; rows beyond its range are not.</param>
    public static ReferenceModel Of(ReferenceModel model, bool binary16 = true) => model with
    {
        Weights = model.Weights.ToDictionary(
            pair => pair.Key, pair => pair.Value.Length == 1 ? pair.Value : [.. pair.Value.Select(row => row.Chunk(Columns).SelectMany(block => Rounded(block, binary16)).ToArray())]),
    };

    private static IEnumerable<double> Rounded(double[] block, bool binary16)
    {
        double step = block.Max(Math.Abs) / Levels;
        step = binary16 ? (double)(Half)step : step;
        return block.Select(weight => step == 0 ? 0 : step * Math.Clamp(Math.Round(weight / step), -Levels, Levels));
    }
}
