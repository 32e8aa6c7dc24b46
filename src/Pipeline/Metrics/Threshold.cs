namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>What a metric must hold.</summary>
/// <param name="Metric">Its path.</param>
/// <param name="Min">The smallest value allowed.</param>
/// <param name="Max">The largest value allowed.</param>
/// <param name="MaxDrop">How far it may fall below the baseline's value.</param>
/// <param name="MaxRise">How far it may rise above the baseline's value.</param>
/// <param name="MaxWorse">How far it may be worse than the baseline's value, in standard deviations of a difference by chance.</param>
/// <param name="Spread">Its standard deviation over repeated runs with other seeds; null where its own standard error stands for it.</param>
/// <param name="Where">File and line.</param>
public sealed record Threshold(string Metric, double? Min, double? Max, double? MaxDrop, double? MaxRise, double? MaxWorse, double? Spread, string Where)
{
    /// <summary>Whether it needs a baseline.</summary>
    public bool ComparesWithBaseline => MaxDrop is not null || MaxRise is not null || MaxWorse is not null;

    /// <summary>The standard deviation of a difference between two runs by chance, as the spread has it; null without one.</summary>
    public double? Noise => Spread * Math.Sqrt(2);
}
