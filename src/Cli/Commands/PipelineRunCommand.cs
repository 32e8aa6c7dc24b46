using System.CommandLine;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv run</c>: brings the outs of a pipeline up to date.</summary>
internal static class PipelineRunCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        PipelineOptions pipeline = new();
        StageOptions stages = new();
        Option<bool> force = new("--force", "-f") { Description = "Run stages that are up to date too" };
        Option<bool> dry = new("--dry") { Description = "Show what would run, and run nothing" };
        Command command = new("run", "Run the stages of a pipeline whose inputs changed; an interrupted run goes on where it was") { force, dry };
        stages.AddTo(command);
        pipeline.AddTo(command);
        command.SetAction(arguments =>
        {
            PipelineFile file = pipeline.Read(arguments, catalog);
            StageSelection selection = stages.Read(arguments);
            if (arguments.GetValue(dry))
            {
                terminal.Output.Write(StatusText.Of(PipelineStatus.Of(file, selection, terminal.Time, arguments.GetValue(force), note: terminal.Note)));
                return ExitCode.Done;
            }

            PipelineRun run = new(file, new StageReporter(terminal), terminal.Time);
            RunSummary summary = run.Run(selection, arguments.GetValue(force), terminal.Cancellation);
            if (summary.Ran.Count > 0)
            {
                PipelineResults.Print(file, summary, terminal);
            }

            terminal.Output.WriteLine(Text(summary));
            return ExitCode.Done;
        });
        return command;
    }

    private static string Text(RunSummary summary) => (summary.Ran.Count, summary.Unchanged.Count) switch
    {
        (0, 1) => $"nothing to do: {summary.Unchanged[0]} is up to date",
        (0, int all) => $"nothing to do: all {all} stages are up to date",
        (_, 0) => $"ran {string.Join(", ", summary.Ran)}",
        _ => $"ran {string.Join(", ", summary.Ran)}; unchanged: {string.Join(", ", summary.Unchanged)}",
    };
}
