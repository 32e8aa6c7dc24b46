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
    private const int MostMarks = 5;

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        FileArgument<string> old = new("old") { Description = "The JSON file to compare with" };
        FileArgument<string> @new = new("new") { Description = "The JSON file of now" };
        Option<bool> all = new("--all") { Description = "Show what is unchanged too" };
        FileOption<string?> thresholds = new(FileRole.Input, "--thresholds") { Description = "YAML or JSON of 'akv gate': the spreads over seeds that it has are the noise of its metrics" };
        MetricsFormat format = new(terminal);
        Command command = new("diff", "Show what changed between two metrics files, and whether for better, for worse or within noise: twice what chance does") { old, @new, all, thresholds };
        format.AddTo(command);
        command.SetAction(arguments =>
        {
            IReadOnlyList<Threshold> spreads = arguments.GetValue(thresholds) is { } path ? ThresholdFile.Read(path) : [];
            MetricsFile before = MetricsFile.Read(arguments.GetRequiredValue(old));
            IReadOnlyList<MetricChange> changes = MetricChange.Between(before.Metrics, MetricsFile.Read(arguments.GetRequiredValue(@new)).Metrics);
            terminal.Output.Write(Text(arguments, format, changes, arguments.GetValue(all), new MetricDirections(catalog), spreads));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Changes in the format that was asked for.</summary>
    public static string Text(
        ParseResult arguments, MetricsFormat format, IReadOnlyList<MetricChange> changes, bool all, MetricDirections directions, IReadOnlyList<Threshold> spreads)
    {
        MetricChange[] shown = [.. changes.Where(change => all || (change.IsChanged && (change.New ?? change.Old)?.IsNoise != true))];
        return shown.Length == 0 && !format.IsJson(arguments)
            ? $"no change in {changes.Count} metrics\n"
            : format.Render(
                arguments,
                () => Table(shown, directions, spreads),
                () => JsonSerializer.Serialize(shown.Select(change => Row(change, directions, spreads)), PipelineJson.Lines.IEnumerableMetricRow));
    }

    /// <summary>A change in JSON.</summary>
    public static MetricRow Row(MetricChange change, MetricDirections directions, IReadOnlyList<Threshold> spreads) =>
        new(null, change.Path, change.New?.Text, change.Old?.Text, change.Difference, Noise(change, spreads), directions.UnitOf(change.Path), Verdict(change, directions, spreads));

    private static TextTable Table(IEnumerable<MetricChange> changes, MetricDirections directions, IReadOnlyList<Threshold> spreads)
    {
        TextTable table = new("metric", "old", "new", "change", "percent", "noise", "verdict");
        foreach (MetricChange change in changes)
        {
            double? noise = Noise(change, spreads);
            table.Add(
                MetricsFormat.Named(change.Path, directions),
                MetricsFormat.Value(change.Old),
                MetricsFormat.Value(change.New),
                change.Difference is { } difference ? (difference > 0 ? "+" : string.Empty) + MetricsFormat.Number(difference) : "-",
                change.Share is { } share ? (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) : "-",
                noise is { } known ? known.ToString("G2", CultureInfo.InvariantCulture) : "-",
                Verdict(change, directions, spreads) is { } verdict ? verdict + Marks(change, verdict, noise) : "-");
        }

        return table;
    }

    // What a metric's spread over seeds makes of a difference goes before what its own error does: repeated runs are judged on the same items.
    private static double? Noise(MetricChange change, IReadOnlyList<Threshold> spreads) =>
        spreads.FirstOrDefault(threshold => threshold.Metric == change.Path)?.Noise ?? change.Noise;

    // A mark for each time that chance would do as much.
    private static string Marks(MetricChange change, string verdict, double? noise) => verdict is "better" or "worse" && noise > 0 && change.Difference is { } difference
        ? " " + new string(verdict == "better" ? '▲' : '▼', (int)Math.Clamp(Math.Abs(difference) / noise.Value, 1, MostMarks))
        : string.Empty;

    private static string? Verdict(MetricChange change, MetricDirections directions, IReadOnlyList<Threshold> spreads) => change.Verdict(directions.Of(change.Path), Noise(change, spreads)) switch
    {
        MetricVerdict.Better => "better",
        MetricVerdict.Worse => "worse",
        MetricVerdict.Same => "same",
        MetricVerdict.WithinNoise => "within noise",
        _ => null,
    };
}
