using System.CommandLine;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv model verify</c>: reads every weight; exit 1 where some are no numbers.</summary>
internal static class ModelVerifyCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        FileArgument<string> path = new("path") { Description = "A .gguf file or a Hugging Face folder" };
        Command command = new("verify", "Read a model completely: every weight must be a finite number; exit 1 otherwise") { path };
        command.SetAction(arguments => Verify(arguments.GetRequiredValue(path), terminal));
        return command;
    }

    private static int Verify(string path, Terminal terminal)
    {
        using ModelSource source = ModelFormats.Open(path);
        terminal.NoteAll(source.Notes);
        long bytes = ModelSummary.Of(source).Bytes;
        VerificationReport report = ProgressBar.Run(terminal, "reading weights", bytes, Amount.Bytes, progress =>
            ModelVerification.Verify(source, new ConvertedProgress<double, long>(progress, share => (long)(share * bytes)), terminal.Cancellation));
        foreach (TensorFault fault in report.Faults)
        {
            terminal.Output.WriteLine(
                $"{path}: {fault.Tensor}: {fault.Weights} weights are no finite numbers, the first in row {fault.Row}, column {fault.Column}");
        }

        terminal.Output.WriteLine(report.IsSound
            ? $"{path}: sound, {report.Summary.Parameters:N0} finite weights, sha256 {report.Sha256}"
            : $"{path}: damaged: fetch the model again");
        return report.IsSound ? ExitCode.Done : ExitCode.Failed;
    }
}
