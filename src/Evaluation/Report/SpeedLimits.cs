using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Evaluation.Speed;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>Where the numbers of a measurement of speed can lie.</summary>
internal static class SpeedLimits
{
    // Tokens per second are divided by it.
    private const double LeastMs = 1e-5;

    public static IEnumerable<FigureLimit> Of(SpeedReport report) =>
    [
        new("settings.repeats", report.Settings.Repeats, 1),
        .. report.Settings.Depths.Select((depth, index) => new FigureLimit($"settings.depths[{index}]", depth, 1)),
        .. report.Policies.Select((policy, index) => new FigureLimit($"policies[{index}].depths.length", policy.Depths.Count, 1)),
        .. report.Policies.SelectMany((policy, index) => policy.Depths.SelectMany((depth, place) => Of(depth, $"policies[{index}].depths[{place}]."))),
    ];

    private static IEnumerable<FigureLimit> Of(DepthSummary depth, string at) =>
    [
        new($"{at}depth", depth.Depth, 1),
        new($"{at}tokens_per_second", depth.TokensPerSecond),
        new($"{at}ms_per_token", depth.MsPerToken),
        new($"{at}ms_p5", depth.MsP5, LeastMs, depth.MsPerToken),
        new($"{at}ms_p95", depth.MsP95, depth.MsPerToken),
        new($"{at}decision_microseconds", depth.DecisionMicroseconds),
        new($"{at}steps", depth.Steps),
        new($"{at}kv_bytes", depth.KvBytes),
        new($"{at}effective_bits", depth.EffectiveBits),
    ];
}
