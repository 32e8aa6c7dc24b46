using System.CommandLine;
using System.Text.Json;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv model info</c>: hyper-parameters, vocabulary and storage of a model.</summary>
internal static class ModelInfoCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        FileArgument<string> path = new("path") { Description = "A .gguf file or a Hugging Face folder" };
        Option<bool> json = new("--json") { Description = "Print JSON" };
        Command command = new("info", "Show a model's hyper-parameters, vocabulary and storage") { path, json };
        command.SetAction(arguments =>
        {
            using ModelSource source = ModelFormats.Open(arguments.GetRequiredValue(path));
            terminal.NoteAll(source.Notes);
            ModelInfo info = ModelInfo.Of(source);
            terminal.Output.WriteLine(arguments.GetValue(json) ? JsonSerializer.Serialize(info, ModelJson.Default.ModelInfo) : info.Text());
            return ExitCode.Done;
        });
        return command;
    }
}
