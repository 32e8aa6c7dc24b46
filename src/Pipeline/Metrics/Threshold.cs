namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>What a metric must hold.</summary>
/// <param name="Metric">Its path.</param>
/// <param name="Min">The smallest value allowed.</param>
/// <param name="Max">The largest value allowed.</param>
/// <param name="MaxDrop">How far it may fall below the baseline's value.</param>
/// <param name="MaxRise">How far it may rise above the baseline's value.</param>
/// <param name="Where">File and line.</param>
public sealed record Threshold(string Metric, double? Min, double? Max, double? MaxDrop, double? MaxRise, string Where)
{
    /// <summary>Whether it needs a baseline.</summary>
    public bool ComparesWithBaseline => MaxDrop is not null || MaxRise is not null;
}
