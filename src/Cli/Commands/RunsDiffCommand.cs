using System.CommandLine;
using System.Text.Json;
using AdaptiveKv.Evaluation.Tables;
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
        MetricsFormat format = new(terminal);
        Command command = new("diff", "Show which values and files two runs had in different ways, and whether their metrics are better, worse or within noise") { old, @new, all };
        pipeline.AddFileTo(command);
        format.AddTo(command);
        command.SetAction(arguments =>
        {
            RunStore store = new(pipeline.Read(arguments, catalog), terminal.Time);
            KeptRun before = store[arguments.GetRequiredValue(old)], after = store[arguments.GetRequiredValue(@new)];
            IReadOnlyList<(string Name, string? Old, string? New)> inputs = RunInputs.Between(before, after);
            IReadOnlyList<MetricChange> changes = MetricChange.Between(RunMetrics.Of(before, store, catalog), RunMetrics.Of(after, store, catalog));
            MetricDirections directions = new(catalog);
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
}
