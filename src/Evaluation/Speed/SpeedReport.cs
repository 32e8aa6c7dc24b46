using AdaptiveKv.Evaluation.Provenance;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>A speed measurement with everything needed to judge and repeat it; what <c>--json</c> prints.</summary>
/// <param name="Run">Versions, hashes, machine.</param>
/// <param name="Settings">What was run.</param>
/// <param name="Seconds">Wall time, warm-up included.</param>
/// <param name="PeakRssBytes">Most physical memory the process held.</param>
/// <param name="Policies">One summary per policy.</param>
/// <param name="Prefills">One record per policy, depth and repeat.</param>
/// <param name="Decodes">One record per policy, depth and repeat.</param>
public sealed record SpeedReport(
    RunRecord Run,
    SpeedSettings Settings,
    double Seconds,
    long PeakRssBytes,
    IReadOnlyList<SpeedSummary> Policies,
    IReadOnlyList<PrefillRecord> Prefills,
    IReadOnlyList<DecodeRecord> Decodes)
{
    /// <summary>One record per policy, depth, repeat and number of sessions that decoded together; none where none were asked for.</summary>
    public IReadOnlyList<BatchRecord> Batches { get; init; } = [];

    /// <summary>Joins a result with its provenance; takes the process's peak memory now.</summary>
    public static SpeedReport Of(RunRecord run, SpeedSettings settings, SpeedResult result) =>
        new(run, settings, result.Seconds, PeakMemory.Bytes, SpeedSummary.Of(result), result.Prefills, result.Decodes);
}
