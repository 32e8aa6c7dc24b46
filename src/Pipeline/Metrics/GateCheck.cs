using System.Globalization;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>One rule of a threshold, applied.</summary>
/// <param name="Metric">The metric's path.</param>
/// <param name="Value">Its value as it stands.</param>
/// <param name="Baseline">The baseline's; null if it has none or the rule needs none.</param>
/// <param name="Rule">What was demanded: "at least 0.4".</param>
/// <param name="Passed">Whether it holds.</param>
public sealed record GateCheck(string Metric, string Value, string? Baseline, string Rule, bool Passed)
{
    /// <summary>
    /// Applies the rules of a threshold. What is not a number passes no rule; what the baseline does not have cannot have dropped.
    /// </summary>
    /// <param name="threshold">The rules.</param>
    /// <param name="value">The metric.</param>
    /// <param name="baseline">Its counterpart; null if the baseline has none.</param>
    /// <param name="better">Which of two values is the better one.</param>
    public static IEnumerable<GateCheck> Of(Threshold threshold, Metric value, Metric? baseline, Better better)
    {
        if (threshold.Min is { } min)
        {
            yield return new GateCheck(threshold.Metric, value.Text, null, $"at least {Text(min)}", value.Number >= min);
        }

        if (threshold.Max is { } max)
        {
            yield return new GateCheck(threshold.Metric, value.Text, null, $"at most {Text(max)}", value.Number <= max);
        }

        if (threshold.MaxDrop is { } drop)
        {
            yield return Compared(threshold, value, baseline, drop, baseline?.Number - value.Number, $"at most {Text(drop)} below the baseline");
        }

        if (threshold.MaxRise is { } rise)
        {
            yield return Compared(threshold, value, baseline, rise, value.Number - baseline?.Number, $"at most {Text(rise)} above the baseline");
        }

        if (threshold.MaxWorse is { } worse)
        {
            MetricChange change = new(threshold.Metric, baseline, value);
            double noise = threshold.Noise ?? change.Noise ?? 0;
            string rule = string.Create(CultureInfo.InvariantCulture, $"at most {worse} x {noise:G3} (noise) worse than the baseline");
            yield return Compared(threshold, value, baseline, worse * noise, -change.Gain(better), rule);
        }
    }

    private static GateCheck Compared(Threshold threshold, Metric value, Metric? baseline, double allowed, double? distance, string rule)
    {
        // 0.50 less 0.48 is 0.020000000000000018 in binary: what is equal as it is written shall be equal.
        double rounding = 1e-9 * Math.Abs(baseline?.Number ?? 0);
        bool passed = baseline is null ? value.Number is not null : distance <= allowed + rounding;
        return new GateCheck(threshold.Metric, value.Text, baseline?.Text, rule, passed);
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
