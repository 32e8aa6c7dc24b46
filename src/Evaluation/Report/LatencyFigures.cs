using AdaptiveKv.Evaluation.Plots;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Evaluation.Speed;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>Time per token in the evaluation where it was kept, and the speed of decoding by depth where it was measured.</summary>
internal static class LatencyFigures
{
    public static IEnumerable<ReportFigure> Of(EvaluationReport report, SpeedReport? speed)
    {
        if (report.Policies.All(policy => policy.MsPerToken is not null))
        {
            yield return Evaluation(report);
        }

        if (speed is { Policies.Count: > 0 })
        {
            string protocol = $"Tokens decoded one by one with so many in the cache; median of {RunLines.Count(speed.Settings.Repeats, "repeat")} with 5 % and 95 % points.";
            yield return new ReportFigure("Decoding speed by depth", protocol, SpeedTable.Depths(speed)) { Pictures = [SpeedPlot.Plot(speed)] };
        }
    }

    private static ReportFigure Evaluation(EvaluationReport report)
    {
        const string Title = "Time per token in the evaluation";
        TextTable table = new("policy", "ms/token", "95 % point");
        foreach (PolicySummary policy in report.Policies)
        {
            table.Add(policy.Policy, Cell.Number(policy.MsPerToken, "0.000"), Cell.Number(policy.MsPerTokenP95, "0.000"));
        }

        IntervalPlot plot = new(
            Title,
            $"Median milliseconds per token and their 95 % point over the items, for {string.Join(", ", report.Policies.Select(policy => policy.Policy))}.",
            "ms per token: median to 95 % point",
            [.. report.Policies.Select(policy => PolicyStyle.Series(policy.Policy, new PlotPoint(0, policy.MsPerToken!.Value, policy.MsPerToken, policy.MsPerTokenP95)))]);
        const string Note = "Median and 95 % point over the items, in the order they ran: prompts of some length, not decoding; a figure of this run, not of the policy's speed.";
        return new ReportFigure(Title, Note, table) { Pictures = [plot] };
    }
}
