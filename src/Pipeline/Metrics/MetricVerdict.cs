namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>What a new value of a metric is against an old one.</summary>
public enum MetricVerdict
{
    /// <summary>As good.</summary>
    Same,

    /// <summary>Another one, by no more than chance may do.</summary>
    WithinNoise,

    /// <summary>Better.</summary>
    Better,

    /// <summary>Worse.</summary>
    Worse,
}
