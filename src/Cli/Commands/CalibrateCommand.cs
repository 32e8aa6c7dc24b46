using System.CommandLine;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.Inference.Decoding;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv calibrate</c>: fits the transform in which a model's keys and values are coded best.</summary>
internal static class CalibrateCommand
{
    /// <summary>Tokens of a window where none is asked for.</summary>
    public const int DefaultWindow = 512;

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        FileOption<string> data = new(FileRole.Input, "--data") { Description = "A plain text, or items; not what is measured later", Required = true };
        Option<int> tokens = CommonOptions.WholeNumber("--tokens", "Tokens to read", 1, 2048);
        Option<int> window = CommonOptions.WholeNumber("--window", "Most tokens read from an empty cache", 1, DefaultWindow);
        Option<ulong> seed = CommonOptions.Seed();
        Option<bool> noCenter = new("--no-center") { Description = "Leave the mean in the keys" };
        Option<bool> noBalance = new("--no-balance") { Description = "Leave keys and queries as large as they are" };
        Option<bool> noRotate = new("--no-rotate") { Description = "Leave out the Hadamard rotation" };
        Option<bool> balanceValues = new("--balance-values") { Description = "Balance values against the output matrix" };
        Option<int?> threads = CommonOptions.Threads();
        FileOption<string> output = new(FileRole.Output, "--output", "-o") { Description = "The safetensors file to write", Required = true };
        Command command = new("calibrate", "Fit a model's cache transform to some text, for --transform of other commands")
        {
            model, data, tokens, window, seed, noCenter, noBalance, noRotate, balanceValues, threads, output,
        };
        command.SetAction(arguments =>
        {
            TransformOptions options = new(!arguments.GetValue(noCenter), !arguments.GetValue(noBalance), !arguments.GetValue(noRotate), arguments.GetValue(balanceValues));
            if (options is { Center: false, Balance: false, Rotate: false, BalanceValues: false })
            {
                throw new ArgumentException("--no-center --no-balance --no-rotate leave nothing of the transform: leave one out");
            }

            string path = OutputFile.Require(arguments.GetRequiredValue(output));
            using LlamaModel loaded = LlamaModel.Load(arguments.GetRequiredValue(model), log: terminal.Note);
            int length = arguments.GetValue(window);
            if (length > loaded.Shape.ContextLength)
            {
                throw new ArgumentException($"--window {length}: the model's context holds {loaded.Shape.ContextLength}");
            }

            CalibrationSequences sequences = CalibrationSequences.Draw(
                arguments.GetRequiredValue(data), text => loaded.Tokenizer.Encode(text), arguments.GetValue(tokens), length, arguments.GetValue(seed));
            CalibrationRecord record = new(loaded.Sha256, sequences.DataSha256, sequences.Tokens, length, arguments.GetValue(seed), options);
            KvCache.KvTransform transform = Fit(loaded, sequences, options, CommonOptions.Threads(arguments.GetValue(threads), loaded, terminal), terminal);
            TransformFile.Write(path, transform, KvCache.PrecisionProfile.Uniform, loaded.CacheShape, record);
            string done = $"{path}: transform of {record.Tokens} tokens in {sequences.Sequences.Count} windows";
            if (OutputFile.IsKept(path))
            {
                terminal.Output.WriteLine($"{done}, sha256 {TransformFile.Read(path, loaded).Sha256}");
            }
            else
            {
                terminal.Note(done);
            }

            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Reads the sequences and fits the transform.</summary>
    public static KvCache.KvTransform Fit(LlamaModel model, CalibrationSequences sequences, TransformOptions options, int threads, Terminal terminal)
    {
        HeadStatistics statistics = ProgressBar.Run(terminal, "calibrating", sequences.Tokens, "tokens", progress =>
            CalibrationPass.Run(model, sequences.Sequences, threads, progress, terminal.Cancellation));
        return TransformFit.Of(model, statistics, options);
    }
}
