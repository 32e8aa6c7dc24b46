namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>A metric in two files.</summary>
/// <param name="Path">The metric.</param>
/// <param name="Old">In the first; null if it is not there.</param>
/// <param name="New">In the second; null if it is not there.</param>
public sealed record MetricChange(string Path, Metric? Old, Metric? New)
{
    /// <summary>New less old; null unless both are numbers.</summary>
    public double? Difference => New?.Number - Old?.Number;

    /// <summary>The difference as a share of the old value; null where there is none.</summary>
    public double? Share => Old?.Number is { } old && old != 0 ? Difference / Math.Abs(old) : null;

    /// <summary>Whether the value is another one, however it is written.</summary>
    public bool IsChanged => Difference is { } difference ? difference != 0 : Old?.Text != New?.Text;

    /// <summary>All metrics of two files: those of the first in its order, then those that only the second has.</summary>
    public static IReadOnlyList<MetricChange> Between(MetricsFile old, MetricsFile @new)
    {
        Dictionary<string, Metric> before = Index(old);
        Dictionary<string, Metric> after = Index(@new);
        return
        [
            .. old.Metrics.Select(metric => new MetricChange(metric.Path, metric, after.GetValueOrDefault(metric.Path))),
            .. @new.Metrics.Where(metric => !before.ContainsKey(metric.Path)).Select(metric => new MetricChange(metric.Path, null, metric)),
        ];
    }

    // A key that holds a dot can give two values one path: the first one counts, as in MetricsFile.Find.
    private static Dictionary<string, Metric> Index(MetricsFile file) =>
        file.Metrics.DistinctBy(metric => metric.Path).ToDictionary(metric => metric.Path);
}
