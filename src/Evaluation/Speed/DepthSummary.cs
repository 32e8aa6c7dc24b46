using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>Decoding speed of one policy at one depth, over the steps of all repeats.</summary>
/// <param name="Depth">Tokens in the cache before the first step.</param>
/// <param name="TokensPerSecond">1000 / <paramref name="MsPerToken"/>.</param>
/// <param name="MsPerToken">Median step in milliseconds.</param>
/// <param name="MsP5">5 % point of the steps.</param>
/// <param name="MsP95">95 % point of the steps.</param>
/// <param name="DecisionMicroseconds">Median over repeats of the part of a step that sees the token's features and chooses its tier.</param>
/// <param name="Steps">Number of steps.</param>
/// <param name="KvBytes">Allocated bytes of the cache.</param>
/// <param name="EffectiveBits">Allocated bits per stored element.</param>
public sealed record DepthSummary(int Depth, double TokensPerSecond, double MsPerToken, double MsP5, double MsP95, double DecisionMicroseconds, int Steps, long KvBytes, double EffectiveBits)
{
    /// <param name="records">At least one, all of one policy and depth.</param>
    internal static DepthSummary Of(IReadOnlyList<DecodeRecord> records)
    {
        double[] steps = [.. records.SelectMany(record => record.StepMs)];
        double median = Quantile.Median(steps);
        return new DepthSummary(
            records[0].Depth, 1000 / median, median, Quantile.Of(steps, 0.05), Quantile.P95(steps), Quantile.Median([.. records.Select(record => record.DecisionMicroseconds)]), steps.Length, records[0].KvBytes, records[0].EffectiveBits);
    }
}
