using System.CommandLine;
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
        FileArgument<string[]> files = new("file") { Description = "JSON files; those of the pipeline by default", Arity = ArgumentArity.ZeroOrMore };
        PipelineOptions pipeline = new();
        MetricsFormat format = new();
        Command command = new("show", "Show metrics, nested keys joined by dots") { files };
        pipeline.AddTo(command);
        format.AddTo(command);
        command.SetAction(arguments =>
        {
            string[] named = arguments.GetValue(files) ?? [];
            MetricsFile[] read = [.. (named.Length > 0 ? named : OfPipeline(pipeline.Read(arguments, catalog))).Select(MetricsFile.Read)];
            terminal.Output.Write(format.Render(arguments, () => Table(read), () => Json(read)));
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

    private static TextTable Table(MetricsFile[] files)
    {
        TextTable table = new(files.Length > 1 ? ["metric", "file", "value"] : ["metric", "value"]);
        foreach ((MetricsFile file, Metric metric) in files.SelectMany(file => file.Metrics.Select(metric => (file, metric))))
        {
            string[] cells = files.Length > 1 ? [metric.Path, file.Path, MetricsFormat.Value(metric)] : [metric.Path, MetricsFormat.Value(metric)];
            table.Add(cells);
        }

        return table;
    }

    private static string Json(MetricsFile[] files) => JsonSerializer.Serialize(
        files.SelectMany(file => file.Metrics.Select(metric => new MetricRow(file.Path, metric.Path, metric.Text, null, null, null))),
        PipelineJson.Lines.IEnumerableMetricRow);
}
