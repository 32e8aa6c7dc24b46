using System.CommandLine;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv model quantize</c>: a model's weights in 4 or 8 bits, as a GGUF file that llama.cpp reads too.</summary>
internal static class ModelQuantizeCommand
{
    private static readonly TensorType[] Types = [TensorType.Q4_0, TensorType.Q4_1, TensorType.Q8_0];

    private static string Known { get; } = string.Join(", ", Types).ToLowerInvariant();

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        Option<string> type = new("--type") { Description = $"One of {Known}", HelpName = "type", DefaultValueFactory = _ => "q4_1" };
        FileOption<string> output = new(FileRole.Output, "--output", "-o") { Description = "The GGUF file to write", Required = true };
        Command command = new("quantize", "Store a model's weights in 4 or 8 bits as a GGUF file") { model, type, output };
        command.SetAction(arguments => Quantize(
            arguments.GetRequiredValue(model),
            ParseType(arguments.GetRequiredValue(type)),
            OutputFile.Require(arguments.GetRequiredValue(output)),
            terminal));
        return command;
    }

    private static int Quantize(string model, TensorType type, string output, Terminal terminal)
    {
        using ModelSource source = ModelFormats.Open(model);
        terminal.NoteAll(source.Notes);
        ModelSummary before = ModelSummary.Of(source);
        ProgressBar.Run(terminal, $"quantizing to {type}", before.Parameters, "weights", progress =>
        {
            ConvertedProgress<QuantizationProgress, long> weights = new(progress, step => step.DoneWeights);
            WeightQuantization.Write(source, type, output, weights, terminal.Note, terminal.Cancellation);
            return true;
        });
        if (!OutputFile.IsKept(output))
        {
            terminal.Note($"wrote {output}");
            return ExitCode.Done;
        }

        using ModelSource written = ModelFormats.Open(output);
        string size = $"{Amount.Text(ModelSummary.Of(written).Bytes, Amount.Bytes)} of weights (before: {Amount.Text(before.Bytes, Amount.Bytes)})";
        terminal.Output.WriteLine($"{output}: {size}, sha256 {written.Sha256}");
        return ExitCode.Done;
    }

    private static TensorType ParseType(string name) =>
        Types.Where(type => type.ToString().Equals(name, StringComparison.OrdinalIgnoreCase)).ToArray() is [TensorType type]
            ? type
            : throw new FormatException($"unknown weight type '{name}': known: {Known}");
}
