using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>Speed of one policy.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="PrefillTokensPerSecond">Prompt tokens read per second: the median over the repeats.</param>
/// <param name="PrefillLowest">The slowest repeat.</param>
/// <param name="PrefillHighest">The fastest repeat.</param>
/// <param name="FirstTokenMs">Milliseconds from an empty cache to the logits after the prompt: the median over the repeats.</param>
/// <param name="BaseMs">a of ms = a + c * position, fitted to the medians of every depth and repeat; null for a single depth.</param>
/// <param name="MsPerThousandPositions">1000 c: what the cache costs per decoded token and thousand cached ones; null for a single depth.</param>
/// <param name="Depths">By depth, ascending.</param>
public sealed record SpeedSummary(
    string Policy,
    double PrefillTokensPerSecond,
    double PrefillLowest,
    double PrefillHighest,
    double FirstTokenMs,
    double? BaseMs,
    double? MsPerThousandPositions,
    IReadOnlyList<DepthSummary> Depths)
{
    /// <summary>One summary per policy, in the order the policies first ran.</summary>
    internal static IReadOnlyList<SpeedSummary> Of(SpeedResult result) =>
        [.. result.Prefills.Where(record => record.Depth == 0).GroupBy(record => record.Policy).Select(prefills => Of([.. prefills], [.. result.Decodes.Where(record => record.Policy == prefills.Key)]))];

    private static SpeedSummary Of(IReadOnlyList<PrefillRecord> prefills, IReadOnlyList<DecodeRecord> decodes)
    {
        double[] rates = [.. prefills.Select(record => 1000 * record.Tokens / record.PrefillMs)];

        // A step at depth d attends to d + i + 1 tokens; the median step stands for the middle one.
        LinearFit? fit = LinearFit.Of([.. decodes.Select(record => (record.Depth + ((record.StepMs.Count + 1) / 2.0), record.MsPerToken))]);
        return new SpeedSummary(
            prefills[0].Policy,
            Quantile.Median(rates),
            rates.Min(),
            rates.Max(),
            Quantile.Median([.. prefills.Select(record => record.FirstTokenMs)]),
            fit?.Intercept,
            1000 * fit?.Slope,
            [.. decodes.GroupBy(record => record.Depth).OrderBy(depth => depth.Key).Select(depth => DepthSummary.Of([.. depth]))]);
    }
}
