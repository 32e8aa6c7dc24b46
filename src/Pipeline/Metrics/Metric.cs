using System.Globalization;

namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>One value of a metrics file.</summary>
/// <param name="Path">Its keys and indices, joined by dots: "policies.static-4.accuracy".</param>
/// <param name="Text">The value as it stands: a number, a text without quotes, true, false or null.</param>
/// <param name="Number">The value if it is a finite number: NaN is shown, and never better than anything.</param>
public sealed record Metric(string Path, string Text, double? Number)
{
    /// <summary>Whether it should be a number and has no finite value: NaN, Infinity, 1e999.</summary>
    public bool IsNotFinite =>
        Number is null && double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && !double.IsFinite(value);
}
