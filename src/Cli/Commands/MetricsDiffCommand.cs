using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv metrics diff</c>: what changed between two metrics files.</summary>
internal static class MetricsDiffCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        FileArgument<string> old = new("old") { Description = "The JSON file to compare with" };
        FileArgument<string> @new = new("new") { Description = "The JSON file of now" };
        Option<bool> all = new("--all") { Description = "Show what is unchanged too" };
        MetricsFormat format = new();
        Command command = new("diff", "Show what changed between two metrics files, and whether for better or worse") { old, @new, all };
        format.AddTo(command);
        command.SetAction(arguments =>
        {
            MetricDirections directions = new(catalog);
            MetricsFile before = MetricsFile.Read(arguments.GetRequiredValue(old));
            IReadOnlyList<MetricChange> changes = MetricChange.Between(before.Metrics, MetricsFile.Read(arguments.GetRequiredValue(@new)).Metrics);
            MetricChange[] shown = [.. changes.Where(change => arguments.GetValue(all) || change.IsChanged)];
            terminal.Output.Write(Text(arguments, format, shown, changes.Count, directions));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Changes in the format that was asked for.</summary>
    public static string Text(ParseResult arguments, MetricsFormat format, MetricChange[] shown, int all, MetricDirections directions) =>
        shown.Length == 0 && !format.IsJson(arguments)
            ? $"no change in {all} metrics\n"
            : format.Render(arguments, () => Table(shown, directions), () => JsonSerializer.Serialize(shown.Select(change => Row(change, directions)), PipelineJson.Lines.IEnumerableMetricRow));

    /// <summary>A change in JSON.</summary>
    public static MetricRow Row(MetricChange change, MetricDirections directions) =>
        new(null, change.Path, change.New?.Text, change.Old?.Text, change.Difference, Verdict(change, directions));

    private static TextTable Table(IEnumerable<MetricChange> changes, MetricDirections directions)
    {
        TextTable table = new("metric", "old", "new", "change", "percent", "verdict");
        foreach (MetricChange change in changes)
        {
            table.Add(
                change.Path,
                MetricsFormat.Value(change.Old),
                MetricsFormat.Value(change.New),
                change.Difference is { } difference ? (difference > 0 ? "+" : string.Empty) + MetricsFormat.Number(difference) : "-",
                change.Share is { } share ? (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) : "-",
                Verdict(change, directions) ?? "-");
        }

        return table;
    }

    private static string? Verdict(MetricChange change, MetricDirections directions) => change.Verdict(directions.Of(change.Path)) switch
    {
        MetricVerdict.Better => "better",
        MetricVerdict.Worse => "worse",
        MetricVerdict.Same => "same",
        _ => null,
    };
}
