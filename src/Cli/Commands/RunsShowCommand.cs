using System.CommandLine;
using System.Text.Json;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Pipeline.Runs;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv runs show</c>: what went into a run, what it made, and its metrics.</summary>
internal static class RunsShowCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        Argument<string> name = new("name") { Description = "The run" };
        PipelineOptions pipeline = new();
        Option<bool> json = new("--json") { Description = "Print JSON" };
        Command command = new("show", "Show what went into a run, the files it made and its metrics") { name, json };
        pipeline.AddFileTo(command);
        command.SetAction(arguments =>
        {
            RunStore store = new(pipeline.Read(arguments, catalog), terminal.Time);
            KeptRun run = store[arguments.GetRequiredValue(name)];
            IReadOnlyList<Metric> metrics = RunMetrics.Of(run, store, catalog);
            terminal.Output.Write(arguments.GetValue(json) ? Json(run, metrics) : Text(run, metrics, terminal));
            return ExitCode.Done;
        });
        return command;
    }

    private static string Text(KeptRun run, IReadOnlyList<Metric> metrics, Terminal terminal)
    {
        TextTable inputs = new("input", "value");
        RunInputs.Of(run).ToList().ForEach(input => inputs.Add(input.Key, input.Value));
        TextTable files = new("file", "bytes", "sha-256");
        foreach ((string stage, KeptStage kept) in run.Stages)
        {
            kept.Files.ToList().ForEach(file => files.Add($"{stage}/{file.Path}", Amount.Text(file.Bytes, Amount.Bytes), file.Sha256[..12]));
        }

        TextTable values = new("metric", "value");
        metrics.ToList().ForEach(metric => values.Add(metric.Path, MetricsFormat.Value(metric)));
        string given = run.Values.Count == 0 ? "values of the pipeline's file" : string.Join(' ', run.Values.Select(value => $"-S {value}"));
        return $"{run.Name}: {given}; kept at {RunsListCommand.When(run, terminal)}\n\n{inputs.ToText()}\n{files.ToText()}\n{values.ToText()}";
    }

    private static string Json(KeptRun run, IReadOnlyList<Metric> metrics) => JsonSerializer.Serialize(
        new RunDetails(
            run.Name,
            run.Written,
            run.Values,
            RunInputs.Of(run),
            [.. run.Stages.SelectMany(stage => stage.Value.Files.Select(file => new RunFile($"{stage.Key}/{file.Path}", file.Bytes, file.Sha256)))],
            metrics.ToDictionary(metric => metric.Path, metric => metric.Text)),
        PipelineJson.Lines.RunDetails) + "\n";
}
