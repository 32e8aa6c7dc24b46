using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>Decides by thresholds whether metrics are good enough.</summary>
public static class Gate
{
    /// <summary>Applies every rule.</summary>
    /// <param name="thresholds">The rules.</param>
    /// <param name="metrics">What they are applied to.</param>
    /// <param name="baseline">What drops and rises are measured from; null if no rule needs it.</param>
    /// <param name="directions">Which of two values is the better one.</param>
    /// <exception cref="ConfigurationException">A metric does not exist, or a rule needs a baseline and there is none.</exception>
    public static IReadOnlyList<GateCheck> Check(
        IReadOnlyList<Threshold> thresholds, MetricsFile metrics, MetricsFile? baseline, MetricDirections directions)
    {
        FaultList faults = new();
        string[] known = [.. metrics.Metrics.Select(metric => metric.Path)];
        List<GateCheck> checks = [];
        foreach (Threshold threshold in thresholds)
        {
            if (baseline is null && threshold.ComparesWithBaseline)
            {
                faults.Add(threshold.Where, $"thresholds.{threshold.Metric}", "max-drop, max-rise and max-worse need a baseline: give one with --baseline");
            }
            else if (threshold.MaxWorse is not null && directions.Of(threshold.Metric) == Better.Neither)
            {
                faults.Add(threshold.Where, $"thresholds.{threshold.Metric}", "max-worse: neither of two values of it is known to be better: give max-drop or max-rise");
            }
            else if (threshold is { MaxWorse: not null, Spread: null } && metrics.Find(threshold.Metric) is { Number: not null, Noise: null })
            {
                faults.Add(threshold.Where, $"thresholds.{threshold.Metric}", "max-worse: the file has no standard error of it: give its spread over runs with other seeds");
            }
            else if (metrics.Find(threshold.Metric) is { } value)
            {
                checks.AddRange(GateCheck.Of(threshold, value, baseline?.Find(threshold.Metric), directions.Of(threshold.Metric)));
            }
            else
            {
                // A gate must not pass, or fail as if quality had dropped, because of a word that is spelt wrong.
                faults.AddUnknown(threshold.Where, "thresholds", $"metric of {metrics.Path}", threshold.Metric, known);
            }
        }

        faults.ThrowIfAny();
        return checks;
    }
}
