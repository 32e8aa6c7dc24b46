using System.Globalization;

namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>One value of a metrics file.</summary>
/// <param name="Path">Its keys and indices, joined by dots: "policies.static-4.accuracy".</param>
/// <param name="Text">The value as it stands: a number, a text without quotes, true, false or null.</param>
/// <param name="Number">The value if it is a finite number: NaN is shown, and never better than anything.</param>
public sealed record Metric(string Path, string Text, double? Number)
{
    // Half of a 95 % interval over the standard deviation of a normal distribution.
    private const double HalfInterval = 1.96;

    /// <summary>
    /// Its standard error, as the values beside it say: NAME_se, or NAME_low and NAME_high, the ends of a 95 % interval. Null where they do not.
    /// </summary>
    public double? Noise { get; init; }

    /// <summary>Whether it is such a value beside another one.</summary>
    public bool IsNoise { get; init; }

    /// <summary>Whether it should be a number and has no finite value: NaN, Infinity, 1e999.</summary>
    public bool IsNotFinite =>
        Number is null && double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && !double.IsFinite(value);

    /// <summary>Values with the noise that those beside them say.</summary>
    internal static IReadOnlyList<Metric> WithNoise(IReadOnlyList<Metric> metrics)
    {
        Dictionary<string, double> numbers = metrics.Where(metric => metric.Number is not null).ToDictionary(metric => metric.Path, metric => metric.Number!.Value);
        return [.. metrics.Select(metric => metric with { Noise = Of(metric), IsNoise = ((string[])["_se", "_low", "_high"]).Any(end => IsBeside(metric.Path, end)) })];

        double? Of(Metric metric) =>
            metric.Number is not { } value ? null
            : numbers.TryGetValue($"{metric.Path}_se", out double error) ? error
            : numbers.TryGetValue($"{metric.Path}_low", out double low) && numbers.TryGetValue($"{metric.Path}_high", out double high) ? Math.Max(value - low, high - value) / HalfInterval
            : null;

        bool IsBeside(string path, string end) => path.EndsWith(end, StringComparison.Ordinal) && numbers.ContainsKey(path[..^end.Length]);
    }
}
