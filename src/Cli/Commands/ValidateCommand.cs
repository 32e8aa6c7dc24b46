using System.CommandLine;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv validate</c>: everything that is wrong with a pipeline file, before anything runs.</summary>
internal static class ValidateCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        PipelineOptions pipeline = new();
        Command command = new("validate", "Check a pipeline file and list everything that is wrong with it, by line and key");
        pipeline.AddTo(command);
        command.SetAction(arguments =>
        {
            PipelineFile file;
            try
            {
                file = pipeline.Read(arguments, catalog);
            }
            catch (ConfigurationException exception)
            {
                return Report(exception.Faults, ExitCode.Usage, terminal);
            }

            ConfigurationFault[] missing = [.. file.Stages.SelectMany(stage => stage.MissingDeps().Select(stage.Fault))];
            ConfigurationFault[] faults = [.. file.Stages.SelectMany(stage => stage.Faults(file.Stages, reads: true))];
            if (missing.Length + faults.Length > 0)
            {
                return Report([.. faults, .. missing], faults.Length > 0 ? ExitCode.Usage : ExitCode.MissingInput, terminal);
            }

            terminal.Output.WriteLine($"{file.Path}: {file.Stages.Count} {(file.Stages.Count == 1 ? "stage" : "stages")}, nothing is wrong");
            return ExitCode.Done;
        });
        return command;
    }

    private static int Report(IReadOnlyList<ConfigurationFault> faults, int code, Terminal terminal)
    {
        foreach (ConfigurationFault fault in faults)
        {
            terminal.Error.WriteLine($"error: {fault}");
        }

        return code;
    }
}
