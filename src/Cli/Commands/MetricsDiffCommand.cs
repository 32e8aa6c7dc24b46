using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AdaptiveKv.Evaluation.Reports;
using AdaptiveKv.Pipeline.Metrics;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv metrics diff</c>: what changed between two metrics files.</summary>
internal static class MetricsDiffCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string> old = new("old") { Description = "The JSON file to compare with" };
        Argument<string> @new = new("new") { Description = "The JSON file of now" };
        Option<bool> all = new("--all") { Description = "Show what is unchanged too" };
        MetricsFormat format = new();
        Command command = new("diff", "Show what changed between two metrics files") { old, @new, all };
        format.AddTo(command);
        command.SetAction(arguments =>
        {
            MetricsFile before = MetricsFile.Read(arguments.GetRequiredValue(old));
            IReadOnlyList<MetricChange> changes = MetricChange.Between(before, MetricsFile.Read(arguments.GetRequiredValue(@new)));
            MetricChange[] shown = [.. changes.Where(change => arguments.GetValue(all) || change.IsChanged)];
            terminal.Output.Write(shown.Length == 0 && !format.IsJson(arguments)
                ? $"no change in {changes.Count} metrics\n"
                : format.Render(arguments, () => Table(shown), () => Json(shown)));
            return ExitCode.Done;
        });
        return command;
    }

    private static TextTable Table(IEnumerable<MetricChange> changes)
    {
        TextTable table = new("metric", "old", "new", "change", "percent");
        foreach (MetricChange change in changes)
        {
            table.Add(
                change.Path,
                MetricsFormat.Value(change.Old),
                MetricsFormat.Value(change.New),
                change.Difference is { } difference ? (difference > 0 ? "+" : string.Empty) + MetricsFormat.Number(difference) : "-",
                change.Share is { } share ? (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) : "-");
        }

        return table;
    }

    private static string Json(IEnumerable<MetricChange> changes) => JsonSerializer.Serialize(
        changes.Select(change => new MetricRow(null, change.Path, change.New?.Text, change.Old?.Text, change.Difference)),
        PipelineJson.Lines.IEnumerableMetricRow);
}
