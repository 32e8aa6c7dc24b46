using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>Which of two values of a metric is the better one, and what it is measured in, by its path.</summary>
/// <param name="catalog">Stages, which declare their metrics.</param>
public sealed class MetricDirections(StageCatalog catalog)
{
    // Words in the names of other people's metrics that leave no doubt.
    private static readonly string[] Losses = ["loss", "error", "perplexity"];
    private static readonly string[] Gains = ["accuracy", "acc", "f1", "auc"];

    private readonly Dictionary<string, StageMetric> declared = catalog.Kinds.Values.SelectMany(kind => kind.Metrics).DistinctBy(metric => metric.Name).ToDictionary(metric => metric.Name);

    /// <summary>The direction that the last known part of a path has: "acc" of "acc.static-4", "kl" of "learned-3.5+sinks1.kl".</summary>
    public Better Of(string path) => path.Split('.').Reverse().Select(Known).FirstOrDefault(better => better is not null) ?? Better.Neither;

    /// <summary>The unit of the last known part of a path; null for a pure number.</summary>
    public string? UnitOf(string path) => path.Split('.').Reverse().Select(part => declared.GetValueOrDefault(part)).FirstOrDefault(metric => metric is not null)?.Unit;

    private Better? Known(string part)
    {
        if (declared.TryGetValue(part, out StageMetric? metric))
        {
            return metric.Better;
        }

        string[] words = part.Split('_', '-');
        return words.Any(Losses.Contains) ? Better.Less : words.Any(Gains.Contains) ? Better.More : null;
    }
}
