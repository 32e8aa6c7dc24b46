using System.CommandLine;
using System.Globalization;
using AdaptiveKv.Pipeline.Runs;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv runs gc</c>: frees what no run names.</summary>
internal static class RunsGcCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        PipelineOptions pipeline = new();
        Command command = new("gc", "Free what no run names any more, of all pipelines of the folder; artifacts that lie in place stay");
        pipeline.AddFileTo(command);
        command.SetAction(arguments =>
        {
            (int files, long bytes) = new RunStore(pipeline.Read(arguments, catalog), terminal.Time).Clean();
            terminal.Output.WriteLine(files == 0
                ? "nothing to free: runs name all that is kept"
                : string.Create(CultureInfo.InvariantCulture, $"freed {files:N0} {(files == 1 ? "file" : "files")}, {Amount.Text(bytes, Amount.Bytes)}"));
            return ExitCode.Done;
        });
        return command;
    }
}
