using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>A metric in two files.</summary>
/// <param name="Path">The metric.</param>
/// <param name="Old">In the first; null if it is not there.</param>
/// <param name="New">In the second; null if it is not there.</param>
public sealed record MetricChange(string Path, Metric? Old, Metric? New)
{
    private const double NoiseReach = 2;

    /// <summary>New less old; null unless both are numbers.</summary>
    public double? Difference => New?.Number - Old?.Number;

    /// <summary>The difference as a share of the old value; null where there is none.</summary>
    public double? Share => Old?.Number is { } old && old != 0 ? Difference / Math.Abs(old) : null;

    /// <summary>What the difference would be by chance alone: the root of both squared standard errors; null where neither has one.</summary>
    public double? Noise => Old?.Noise is null && New?.Noise is null ? null : Math.Sqrt(Square(Old?.Noise) + Square(New?.Noise));

    /// <summary>Whether the value is another one, however it is written.</summary>
    public bool IsChanged => Difference is { } difference ? difference != 0 : Old?.Text != New?.Text;

    /// <summary>Whether the new value is the better one; null where neither is, or that cannot be told. A number that became none is worse, and what is none is better than nothing.</summary>
    /// <param name="better">Which of two values is.</param>
    /// <param name="noise">What the difference would be by chance; by default what is known of it here. Twice that is noise still, as a harmless change stays below it in 19 of 20 cases.</param>
    public MetricVerdict? Verdict(Better better, double? noise = null)
    {
        if (!IsChanged)
        {
            return MetricVerdict.Same;
        }

        if (better == Better.Neither || New is null || Old?.Number is null)
        {
            return null;
        }

        double? gain = Gain(better);
        return gain is 0 ? MetricVerdict.Same
            : Math.Abs(gain ?? double.PositiveInfinity) <= NoiseReach * (noise ?? Noise) ? MetricVerdict.WithinNoise
            : gain > 0 ? MetricVerdict.Better
            : MetricVerdict.Worse;
    }

    /// <summary>By how much the new value is better, below 0 where it is worse; null unless both are numbers.</summary>
    /// <param name="better">Which of two values is; not <see cref="Better.Neither"/>.</param>
    internal double? Gain(Better better) => better switch
    {
        Better.More => Difference,
        Better.Less => -Difference,
        _ => Math.Abs(Old?.Number ?? double.NaN) - (New?.Number is { } value ? Math.Abs(value) : null),
    };

    /// <summary>All metrics of two files or runs: those of the first in its order, then those that only the second has.</summary>
    public static IReadOnlyList<MetricChange> Between(IReadOnlyList<Metric> old, IReadOnlyList<Metric> @new)
    {
        Dictionary<string, Metric> before = Index(old);
        Dictionary<string, Metric> after = Index(@new);
        return
        [
            .. old.Select(metric => new MetricChange(metric.Path, metric, after.GetValueOrDefault(metric.Path))),
            .. @new.Where(metric => !before.ContainsKey(metric.Path)).Select(metric => new MetricChange(metric.Path, null, metric)),
        ];
    }

    private static double Square(double? value) => value * value ?? 0;

    private static Dictionary<string, Metric> Index(IReadOnlyList<Metric> metrics) => metrics.ToDictionary(metric => metric.Path);
}
