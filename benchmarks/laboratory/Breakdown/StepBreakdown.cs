using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary>Where the time of a decoded token goes, at one depth of one policy.</summary>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Depth">Tokens in the cache before the first step.</param>
/// <param name="WholeMicroseconds">Median step of a session that times nothing but whole steps.</param>
/// <param name="TimedMicroseconds">Median step of the session that the parts come from.</param>
/// <param name="Parts">In the order in which they come.</param>
internal sealed record StepBreakdown(string Policy, int Depth, double WholeMicroseconds, double TimedMicroseconds, IReadOnlyList<StepShare> Parts)
{
    /// <summary>Medians of what was measured.</summary>
    /// <param name="policy">Name of the policy.</param>
    /// <param name="depth">As in the record.</param>
    /// <param name="wholes">Microseconds of every step without times of its parts.</param>
    /// <param name="timed">Of every step with them.</param>
    /// <param name="steps">[step][part] of those.</param>
    /// <param name="parts">Name and work of each part.</param>
    public static StepBreakdown Of(string policy, int depth, List<double> wholes, List<double> timed, List<double[]> steps, IEnumerable<(string Name, StepWork Work)> parts) => new(
        policy,
        depth,
        Quantile.Median([.. wholes]),
        Quantile.Median([.. timed]),
        [.. parts.Select((part, i) => new StepShare(part.Name, Quantile.Median([.. steps.Select(step => step[i])]), part.Work))]);

    /// <summary>The parts together.</summary>
    public double SumMicroseconds => Parts.Sum(part => part.Microseconds);
}
