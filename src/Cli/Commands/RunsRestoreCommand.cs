using System.CommandLine;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Runs;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv runs restore</c>: brings a run's artifacts back.</summary>
internal static class RunsRestoreCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        Argument<string> name = new("name") { Description = "The run" };
        PipelineOptions pipeline = new();
        Command command = new("restore", "Bring a run's artifacts back into the pipeline's folder; every byte is verified") { name };
        pipeline.AddFileTo(command);
        command.SetAction(arguments =>
        {
            PipelineFile file = pipeline.Read(arguments, catalog);
            RunStore store = new(file, terminal.Time);
            KeptRun run = store[arguments.GetRequiredValue(name)];
            IReadOnlyList<string> stages = RunRestoration.Restore(file, run, store);
            terminal.Output.WriteLine($"restored {string.Join(", ", stages)}");
            if (run.Values.Count > 0)
            {
                terminal.Note($"its values: {string.Join(' ', run.Values.Select(value => $"-S '{value}'"))}");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
