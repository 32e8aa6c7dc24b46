using System.CommandLine;
using AdaptiveKv.Pipeline.Runs;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv runs remove</c>: forgets runs.</summary>
internal static class RunsRemoveCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        Argument<string[]> names = new("name") { Description = "Runs", Arity = ArgumentArity.OneOrMore };
        PipelineOptions pipeline = new();
        Command command = new("remove", "Forget runs; 'akv runs gc' then frees what only they named") { names };
        pipeline.AddFileTo(command);
        command.SetAction(arguments =>
        {
            RunStore store = new(pipeline.Read(arguments, catalog), terminal.Time);
            string[] gone = arguments.GetRequiredValue(names);
            gone.ToList().ForEach(store.Remove);
            terminal.Output.WriteLine($"removed {string.Join(", ", gone)}");
            return ExitCode.Done;
        });
        return command;
    }
}
