using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Pipeline.Runs;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv runs list</c>: the runs that are kept, with the metrics one asks for.</summary>
internal static class RunsListCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        PipelineOptions pipeline = new();
        Option<string[]> metrics = Metrics();
        MetricsFormat format = new(terminal);
        Command command = new("list", "List the runs that are kept, the oldest first; '*' marks what lies in the pipeline's folder now") { metrics };
        pipeline.AddFileTo(command);
        format.AddTo(command);
        command.SetAction(arguments =>
        {
            PipelineFile file = pipeline.Read(arguments, catalog);
            RunStore store = new(file, terminal.Time);
            IReadOnlyList<KeptRun> runs = store.Runs;
            terminal.Output.Write(runs.Count == 0 && !format.IsJson(arguments)
                ? "no run is kept yet: 'akv run' keeps one\n"
                : Render(arguments, format, file, runs, arguments.GetValue(metrics) ?? [], catalog, terminal));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary><c>--metrics</c>.</summary>
    public static Option<string[]> Metrics() => new("--metrics")
    {
        Description = "Show these metrics of each run: a part of their name, or a pattern with *, such as 'evaluate.learned*.kl'; can be given more than once",
        HelpName = "pattern",
    };

    /// <summary>Runs as a table or JSON.</summary>
    public static string Render(
        ParseResult arguments, MetricsFormat format, PipelineFile file, IReadOnlyList<KeptRun> runs, IReadOnlyList<string> patterns, StageCatalog catalog, Terminal terminal)
    {
        RunStore store = new(file, terminal.Time);
        MetricPattern[] wanted = [.. patterns.Select(pattern => new MetricPattern(pattern))];
        Metric[][] metrics = [.. runs.Select(run => wanted.Length == 0 ? [] : RunMetrics.Of(run, store, catalog).Where(metric => wanted.Any(pattern => pattern.Holds(metric.Path))).ToArray())];
        string[] shown = [.. metrics.SelectMany(run => run).Select(metric => metric.Path).Distinct()];
        if (wanted.Length > 0 && shown.Length == 0)
        {
            throw new ArgumentException($"no metric of these runs is called {string.Join(" or ", patterns.Select(pattern => $"'{pattern}'"))}: 'akv runs show NAME' lists them");
        }

        return format.Render(arguments, () => Table(), () => JsonSerializer.Serialize(runs.Select((run, at) => Row(run, metrics[at])), PipelineJson.Lines.IEnumerableRunRow));

        RunRow Row(KeptRun run, Metric[] of) => new(
            run.Name,
            RunRestoration.IsInPlace(file, run),
            run.Written,
            run.Values,
            [.. run.Stages.Keys],
            run.Stages.Values.SelectMany(stage => stage.Files).DistinctBy(kept => kept.Sha256).Sum(kept => kept.Bytes),
            of.ToDictionary(metric => metric.Path, metric => metric.Text));

        TextTable Table()
        {
            TextTable table = new(["run", "", "kept at", "stages", .. shown]);
            foreach ((int at, KeptRun run) in runs.Index())
            {
                table.Add(
                [
                    run.Name, RunRestoration.IsInPlace(file, run) ? "*" : string.Empty, When(run, terminal), $"{run.Stages.Count} of {file.Stages.Count}",
                    .. shown.Select(path => MetricsFormat.Value(metrics[at].FirstOrDefault(metric => metric.Path == path))),
                ]);
            }

            return table;
        }
    }

    /// <summary>"2026-05-01 13:37", by the clock of this place.</summary>
    public static string When(KeptRun run, Terminal terminal) =>
        TimeZoneInfo.ConvertTime(run.Written, terminal.Time.LocalTimeZone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
