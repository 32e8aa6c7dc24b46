using AdaptiveKv.Evaluation.Plots;
using AdaptiveKv.Evaluation.Speed;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>Tokens per second by depth, one line per policy with its 5 % and 95 % points.</summary>
public static class SpeedPlot
{
    /// <summary>An SVG file; its colours follow the reader's light or dark scheme; lines end with LF.</summary>
    /// <param name="report">At least one policy.</param>
    public static string Svg(SpeedReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Plot(report).ToSvg().ToFile();
    }

    internal static LinePlot Plot(SpeedReport report) => new(
        "Decoding speed by depth",
        $"Tokens decoded per second by the number of tokens in the cache, for {string.Join(", ", report.Policies.Select(policy => policy.Policy))}.",
        "tokens in the cache (logarithmic)",
        "decoded tokens per second",
        [.. report.Policies.Select((policy, index) => PolicyStyle.Series(policy.Policy, [.. policy.Depths.Select(Point)]) with { Dash = index })])
    {
        Heading = $"{report.Run.Model}, {RunLines.Count(report.Run.Threads ?? 0, "thread")} of {report.Run.Machine.Cpu}, akv {report.Run.Version}",
        IsXLogarithmic = true,
        XTicks = [.. report.Settings.Depths],
    };

    private static PlotPoint Point(DepthSummary depth) => new(depth.Depth, depth.TokensPerSecond, 1000 / depth.MsP95, 1000 / depth.MsP5);
}
