using System.CommandLine;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Runs;
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
        WorkerOptions workers = new();
        Option<bool> force = new("--force", "-f") { Description = "Run stages that are up to date, or that an earlier run has made, too" };
        Option<bool> dry = new("--dry") { Description = "Show what would run, and run nothing" };
        Option<string?> name = new("--name") { Description = "What to keep the run under, for 'akv runs'; by default a name by its values: default, or train.lr=3e-4", HelpName = "name" };
        Command command = new("run", "Run the stages of a pipeline whose inputs changed; an interrupted run goes on where it was, and what an earlier run made of the same inputs is restored")
        {
            force, dry, name,
        };
        stages.AddTo(command);
        pipeline.AddTo(command);
        workers.AddTo(command);
        command.SetAction(arguments =>
        {
            PipelineFile file = pipeline.Read(arguments, catalog);
            StageSelection selection = stages.Read(arguments);
            if (arguments.GetValue(dry))
            {
                terminal.Output.Write(StatusText.Of(PipelineStatus.Of(file, selection, terminal.Time, arguments.GetValue(force), note: terminal.Note)));
                return ExitCode.Done;
            }

            Run(file, selection, arguments.GetValue(force), arguments.GetValue(name), terminal, workers.Read(arguments, file, catalog, terminal));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Runs a pipeline and prints what came of it.</summary>
    /// <returns>The name that it is kept under.</returns>
    public static string Run(PipelineFile file, StageSelection selection, bool force, string? name, Terminal terminal, Func<PipelineStage, Action>? share = null)
    {
        RunKeeping keeping = new(file, name, terminal.Note);
        RunSummary summary = new PipelineRun(file, new StageReporter(terminal), terminal.Time, keeping, share).Run(selection, force, terminal.Cancellation);
        PipelineResults.Print(file, summary, terminal);
        terminal.Note($"kept as run '{keeping.Name}'");
        terminal.Output.WriteLine(Text(summary));
        return keeping.Name;
    }

    private static string Text(RunSummary summary)
    {
        if (summary.Ran.Count + summary.Restored.Count == 0)
        {
            return summary.Unchanged.Count == 1 ? $"nothing to do: {summary.Unchanged[0]} is up to date" : $"nothing to do: all {summary.Unchanged.Count} stages are up to date";
        }

        (string Verb, IReadOnlyList<string> Stages)[] parts = [("ran ", summary.Ran), ("restored ", summary.Restored), ("unchanged: ", summary.Unchanged)];
        return string.Join("; ", parts.Where(part => part.Stages.Count > 0).Select(part => part.Verb + string.Join(", ", part.Stages)));
    }
}
