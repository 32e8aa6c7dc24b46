namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary>Where the time of a decoded token goes, at one depth of one policy.</summary>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Depth">Tokens in the cache before the first step.</param>
/// <param name="WholeMicroseconds">Median step of a session that times nothing but whole steps.</param>
/// <param name="TimedMicroseconds">Median step of the session that the parts come from.</param>
/// <param name="Parts">In the order in which they come.</param>
internal sealed record StepBreakdown(string Policy, int Depth, double WholeMicroseconds, double TimedMicroseconds, IReadOnlyList<StepShare> Parts)
{
    /// <summary>The parts together.</summary>
    public double SumMicroseconds => Parts.Sum(part => part.Microseconds);
}
