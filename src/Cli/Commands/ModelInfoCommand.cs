using System.CommandLine;
using System.Text.Json;
using AdaptiveKv.Inference.Models;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv model info</c>: hyper-parameters, vocabulary and storage of a model.</summary>
internal static class ModelInfoCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string> path = new("path") { Description = "A .gguf file or a Hugging Face folder" };
        Option<bool> json = new("--json") { Description = "Print JSON" };
        Command command = new("info", "Show a model's hyper-parameters, vocabulary and storage") { path, json };
        command.SetAction(arguments =>
        {
            using ModelSource source = ModelSource.Open(arguments.GetRequiredValue(path));
            ModelSummary summary = ModelSummary.Of(source);
            terminal.Output.WriteLine(arguments.GetValue(json) ? JsonSerializer.Serialize(summary, SummaryJson.Default.ModelSummary) : Text(summary));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>One fact a line.</summary>
    private static string Text(ModelSummary model) => string.Join('\n',
    [
        $"model         {model.Path}",
        $"layers        {model.Layers}, hidden {model.Hidden}, feed-forward {model.FeedForward}",
        $"heads         {model.Heads} query, {model.KvHeads} key/value, {model.HeadDim} elements each",
        $"context       {model.ContextLength} tokens, rotary base {model.RopeBase:0.###}, RMS epsilon {model.RmsEpsilon:0.###e-0}",
        $"vocabulary    {model.Vocabulary} tokens, pre-tokenizer {model.PreTokenizer}",
        $"output        {(model.TiedOutput ? "tied to the embedding" : "own matrix")}",
        $"parameters    {model.Parameters:N0} in {Amount.Text(model.WeightBytes, Amount.Bytes)}",
        .. model.Storage.Select(storage => $"  {storage.Type,-12}{storage.Tensors} tensors, {Amount.Text(storage.Bytes, Amount.Bytes)}"),
        $"KV cache      {model.KvBytesPerToken:N0} B per token at 16 bits",
        $"sha256        {model.Sha256}",
    ]);
}
