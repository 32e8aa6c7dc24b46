using System.CommandLine;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.Gguf;

namespace AdaptiveKv.Laboratory.Shapes;

/// <summary><c>laboratory shape</c>: a model of another shape with random weights, to time what no checkpoint of it is at hand for.</summary>
internal static class ShapeCommand
{
    private const int Most = 1 << 16;

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        FileOption<string> like = new(FileRole.Input, "--like") { Description = "A .gguf file: its tokenizer, storage types and whatever is not given are taken over", Required = true };
        Option<int?> layers = CommonOptions.WholeNumber("--layers", "Number of layers", 1, maximum: Most);
        Option<int?> hidden = CommonOptions.WholeNumber("--hidden", "Width of the residual stream", 1, maximum: Most);
        Option<int?> heads = CommonOptions.WholeNumber("--heads", "Query heads; by default as many as the width has room for", 1, maximum: Most);
        Option<int?> kvHeads = CommonOptions.WholeNumber("--kv-heads", "Heads of keys and values; by default one for as many query heads as in the other model", 1, maximum: Most);
        Option<int?> feedForward = CommonOptions.WholeNumber("--feed-forward", "Width of gate and up", 1, maximum: Most);
        Option<ulong> seed = CommonOptions.Seed();
        FileOption<string> output = new(FileRole.Output, "--output", "-o") { Description = "The GGUF file to write", Required = true };
        Command command = new("shape", "Write a model of another shape with random weights, for measurements of speed and memory");
        foreach (Option option in (Option[])[like, layers, hidden, heads, kvHeads, feedForward, seed, output])
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            string path = OutputFile.Require(arguments.GetRequiredValue(output));
            using GgufModel source = GgufModel.Open(arguments.GetRequiredValue(like));
            LlamaShape old = source.Shape;
            int width = arguments.GetValue(hidden) ?? old.Hidden;
            int queries = arguments.GetValue(heads) ?? (arguments.GetValue(hidden) is null ? old.Heads : width / old.HeadDim);
            LlamaShape shape = LlamaRules.Check(path, old with
            {
                Layers = arguments.GetValue(layers) ?? old.Layers,
                Hidden = width,
                Heads = queries,
                KvHeads = arguments.GetValue(kvHeads) ?? Math.Max(queries * old.KvHeads / old.Heads, 1),
                FeedForward = arguments.GetValue(feedForward) ?? old.FeedForward,
            });
            RandomWeights weights = new(source, shape, arguments.GetValue(seed));
            ProgressBar.Run(terminal, "drawing weights", weights.Count, "weights", progress =>
            {
                weights.Write(path, progress, terminal.Cancellation);
                return true;
            });
            using ModelSource written = ModelFormats.Open(path);
            ModelSummary summary = ModelSummary.Of(written);
            terminal.Output.WriteLine($"{path}: {summary.Parameters:N0} weights, {Amount.Text(summary.Bytes, Amount.Bytes)}, sha256 {written.Sha256}");
            return ExitCode.Done;
        });
        return command;
    }
}
