using AdaptiveKv.Pipeline.Files;

namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>Decides by thresholds whether metrics are good enough.</summary>
public static class Gate
{
    /// <summary>Applies every rule.</summary>
    /// <param name="thresholds">The rules.</param>
    /// <param name="metrics">What they are applied to.</param>
    /// <param name="baseline">What drops and rises are measured from; null if no rule needs it.</param>
    /// <exception cref="ConfigurationException">A metric does not exist, or a rule needs a baseline and there is none.</exception>
    public static IReadOnlyList<GateCheck> Check(
        IReadOnlyList<Threshold> thresholds, MetricsFile metrics, MetricsFile? baseline)
    {
        FaultList faults = new();
        string[] known = [.. metrics.Metrics.Select(metric => metric.Path)];
        List<GateCheck> checks = [];
        foreach (Threshold threshold in thresholds)
        {
            if (baseline is null && threshold.ComparesWithBaseline)
            {
                faults.Add(threshold.Where, $"thresholds.{threshold.Metric}", "max-drop and max-rise need a baseline: give one with --baseline");
            }
            else if (metrics.Find(threshold.Metric) is { } value)
            {
                checks.AddRange(GateCheck.Of(threshold, value, baseline?.Find(threshold.Metric)));
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
