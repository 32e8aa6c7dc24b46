using System.CommandLine;
using System.Text.Json;
using AdaptiveKv.Evaluation.Report;
using AdaptiveKv.Evaluation.Stages;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Pipeline.Runs;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv runs diff</c>: what two runs had in different ways, and what came of it.</summary>
internal static class RunsDiffCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        Argument<string> old = new("old") { Description = "The run to compare with" };
        Argument<string> @new = new("new") { Description = "The other run" };
        PipelineOptions pipeline = new();
        Option<bool> all = new("--all") { Description = "Show metrics that are unchanged too" };
        FileOption<string?> html = new(FileRole.Output, "--html") { Description = "Write a page with the evaluations of both over each other", HelpName = "file" };
        MetricsFormat format = new(terminal);
        Command command = new("diff", "Show which values and files two runs had in different ways, and whether their metrics are better, worse or within noise") { old, @new, all, html };
        pipeline.AddFileTo(command);
        format.AddTo(command);
        command.SetAction(arguments =>
        {
            RunStore store = new(pipeline.Read(arguments, catalog), terminal.Time);
            KeptRun before = store[arguments.GetRequiredValue(old)], after = store[arguments.GetRequiredValue(@new)];
            IReadOnlyList<(string Name, string? Old, string? New)> inputs = RunInputs.Between(before, after);
            IReadOnlyList<MetricChange> changes = MetricChange.Between(RunMetrics.Of(before, store, catalog), RunMetrics.Of(after, store, catalog));
            MetricDirections directions = new(catalog);
            if (arguments.GetValue(html) is { } page)
            {
                OutputFile.Write(page, RunsReport.Html(before.Name, Evaluation(before, store), after.Name, Evaluation(after, store), terminal.Time));
                terminal.Note($"wrote {page}");
            }

            if (format.IsJson(arguments))
            {
                terminal.Output.WriteLine(JsonSerializer.Serialize(
                    new RunChanges(
                        [.. inputs.Select(input => new InputChange(input.Name, input.Old, input.New))],
                        [.. changes.Where(change => arguments.GetValue(all) || change.IsChanged).Select(change => MetricsDiffCommand.Row(change, directions, []))]),
                    PipelineJson.Lines.RunChanges));
                return ExitCode.Done;
            }

            TextTable table = new("input", before.Name, after.Name);
            inputs.ToList().ForEach(input => table.Add(input.Name, input.Old ?? "-", input.New ?? "-"));
            terminal.Output.Write(inputs.Count == 0 ? "the same inputs\n" : format.Render(arguments, () => table, () => string.Empty));
            terminal.Output.Write("\n" + MetricsDiffCommand.Text(arguments, format, changes, arguments.GetValue(all), directions, []));
            return ExitCode.Done;
        });
        return command;
    }

    private static string Evaluation(KeptRun run, RunStore store)
    {
        StageOutput figures = EvaluateStage.Kind.Outs.First(output => output.Name == "evaluation");
        return run.Stages.Values.FirstOrDefault(stage => stage.Made.Uses == EvaluateStage.Kind.Name) is { } evaluated
            ? store.Verified(run, evaluated.Files.First(file => file.Path == figures.FileName))
            : throw new ArgumentException($"run '{run.Name}' has no evaluation to draw: 'akv run evaluate' with its values adds one");
    }
}
