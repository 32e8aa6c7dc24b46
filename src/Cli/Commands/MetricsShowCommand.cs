using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv metrics show</c>: metrics files as one table.</summary>
internal static class MetricsShowCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        FileArgument<string[]> words = new("pattern|file")
        {
            Description = "Which metrics: a part of their name, or a pattern with *, such as 'learned*.kl'; and JSON files, by default those of the pipeline",
            Arity = ArgumentArity.ZeroOrMore,
        };
        PipelineOptions pipeline = new();
        MetricsFormat format = new(terminal);
        Command command = new("show", "Show metrics, nested keys joined by dots, with their standard errors and units") { words };
        pipeline.AddTo(command);
        format.AddTo(command);
        command.SetAction(arguments =>
        {
            ILookup<bool, string> given = (arguments.GetValue(words) ?? []).ToLookup(word => File.Exists(word) || word.EndsWith(".json", StringComparison.Ordinal));
            MetricsFile[] read = [.. (given[true].Any() ? given[true] : OfPipeline(pipeline.Read(arguments, catalog))).Select(MetricsFile.Read)];
            MetricPattern[] patterns = [.. given[false].Select(word => new MetricPattern(word))];
            (MetricsFile File, Metric Metric)[] shown =
                [.. read.SelectMany(file => file.Metrics.Where(metric => patterns.Length == 0 || patterns.Any(pattern => pattern.Holds(metric.Path))).Select(metric => (file, metric)))];
            if (shown.Length == 0 && patterns.Length > 0)
            {
                throw new ArgumentException($"no metric is called {string.Join(" or ", given[false].Select(word => $"'{word}'"))}, and there is no such file: 'akv metrics show' lists all");
            }

            MetricDirections directions = new(catalog);
            terminal.Output.Write(format.Render(arguments, () => Table(shown, directions), () => Json(shown, directions)));
            return ExitCode.Done;
        });
        return command;
    }

    private static string[] OfPipeline(PipelineFile file)
    {
        string[] paths =
        [
            .. from stage in file.Stages
               from made in stage.Outs
               where made.Kind.IsMetrics
               select Path.GetRelativePath(Directory.GetCurrentDirectory(), ArtifactReader.Open(made.FullPath)[0].Path),
        ];
        return paths.Length > 0 ? paths : throw new ArgumentException($"{file.Path}: no stage has metrics: name a file");
    }

    private static TextTable Table((MetricsFile File, Metric Metric)[] metrics, MetricDirections directions)
    {
        bool several = metrics.Select(metric => metric.File).Distinct().Count() > 1;
        TextTable table = new(several ? ["metric", "file", "value", "error"] : ["metric", "value", "error"]);
        foreach ((MetricsFile file, Metric metric) in metrics.Where(metric => !metric.Metric.IsNoise))
        {
            string[] value = [MetricsFormat.Value(metric), metric.Noise is { } noise ? $"± {noise.ToString("G2", CultureInfo.InvariantCulture)}" : string.Empty];
            table.Add(several ? [MetricsFormat.Named(metric.Path, directions), file.Path, .. value] : [MetricsFormat.Named(metric.Path, directions), .. value]);
        }

        return table;
    }

    private static string Json(IEnumerable<(MetricsFile File, Metric Metric)> metrics, MetricDirections directions) => JsonSerializer.Serialize(
        metrics.Select(one => new MetricRow(one.File.Path, one.Metric.Path, one.Metric.Text, null, null, one.Metric.Noise, directions.UnitOf(one.Metric.Path), null)),
        PipelineJson.Lines.IEnumerableMetricRow);
}
