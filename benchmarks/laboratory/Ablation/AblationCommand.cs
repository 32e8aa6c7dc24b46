using System.CommandLine;
using System.Globalization;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Laboratory.Ablation;

/// <summary><c>laboratory ablation</c>: codes of the KV cache, part by part, against 16 bits.</summary>
internal static class AblationCommand
{
    private static readonly BitWidth[] Coded = [BitWidth.Eight, BitWidth.Four, BitWidth.Three, BitWidth.Two];

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        FileOption<string> text = new(FileRole.Input, "--text") { Description = "A plain UTF-8 text", Required = true };
        Option<int> tokens = CommonOptions.WholeNumber("--tokens", "Tokens per window", 2, 512);
        Option<int> windows = CommonOptions.WholeNumber("--windows", "Windows from the start of the text", 1, 3);
        Option<int> positions = CommonOptions.WholeNumber("--positions", "Tokens of the window for the error by position, decoded token by token; 0 for none", 0, 4096);
        Option<string> bits = new("--bits") { Description = "Bits to measure", HelpName = "list", DefaultValueFactory = _ => "8,4,3,2" };
        FileOption<string?> calibration = new(FileRole.Input, "--calibration-text") { Description = "Text to calibrate on; what --text has outside the measured windows by default" };
        Option<int> calibrationTokens = CommonOptions.WholeNumber("--calibration-tokens", "Tokens to calibrate on", 1, 2048);
        Option<int> calibrationWindow = CommonOptions.WholeNumber("--calibration-window", "Most of them read from an empty cache", 1, 512);
        Option<ulong> seed = CommonOptions.Seed();
        Option<int?> threads = CommonOptions.Threads();
        FileOption<string?> json = new(FileRole.Output, "--json") { Description = "Write JSON" };
        FileOption<string?> markdown = new(FileRole.Output, "--markdown") { Description = "Write Markdown" };
        Command command = new("ablation", "Measure codes of the KV cache part by part: KL from 16 bits, top-1 agreement, bits")
        {
            model, text, tokens, windows, positions, bits, calibration, calibrationTokens, calibrationWindow, seed, threads, json, markdown,
        };
        command.SetAction(arguments =>
        {
            AblationPlan plan = new(
                Widths(arguments.GetRequiredValue(bits)),
                AblationPlan.UsualVariants,
                arguments.GetValue(tokens),
                arguments.GetValue(windows),
                arguments.GetValue(positions));
            AblationRequest request = new(
                arguments.GetRequiredValue(model),
                arguments.GetRequiredValue(text),
                plan,
                arguments.GetValue(calibration),
                arguments.GetValue(calibrationTokens),
                arguments.GetValue(calibrationWindow),
                arguments.GetValue(seed),
                arguments.GetValue(threads));
            string? jsonPath = arguments.GetValue(json) is { } first ? OutputFile.Require(first) : null;
            string? markdownPath = arguments.GetValue(markdown) is { } second ? OutputFile.Require(second) : null;

            AblationReport report = Run(request, terminal);
            Experiments.Write(jsonPath, LaboratoryJson.Text(report) + "\n", terminal);
            Experiments.Write(markdownPath, AblationTable.Markdown(report), terminal);
            terminal.Output.Write(AblationTable.Text(report));
            return ExitCode.Done;
        });
        return command;
    }

    private static AblationReport Run(AblationRequest request, Terminal terminal)
    {
        AblationPlan plan = request.Plan;
        TextFile file = TextFile.Read(request.Text);
        using LlamaModel model = LlamaModel.Load(request.Model, log: terminal.Note);
        int longest = Math.Max(Math.Max(plan.WindowLength, plan.LongWindow), request.CalibrationWindow);
        if (longest > model.Shape.ContextLength)
        {
            throw new ArgumentException($"a window of {longest} tokens: the model's context holds {model.Shape.ContextLength}");
        }

        int[] ids = model.Tokenizer.Encode(file.Text);
        if (ids.Length < plan.TokensNeeded)
        {
            throw new InvalidDataException($"{file.Path}: {ids.Length} tokens; {plan.TokensNeeded} are needed: take a longer text, fewer --windows or fewer --positions");
        }

        CalibrationSequences calibration = request.Calibration is { } other
            ? CalibrationSequences.Draw(other, text => model.Tokenizer.Encode(text), request.CalibrationTokens, request.CalibrationWindow, request.Seed)
            : CalibrationSequences.Outside(file, ids, plan.Measured, request.CalibrationTokens, request.CalibrationWindow, request.Seed);
        if (request.Calibration is not null && calibration.DataSha256 == file.Sha256)
        {
            throw new ArgumentException("--calibration-text is the measured text: leave the option out, so that the measured windows are kept out of the calibration");
        }

        int threads = CommonOptions.Threads(request.Threads, model, terminal);
        long start = terminal.Time.GetTimestamp();
        HeadStatistics statistics = ProgressBar.Run(terminal, "calibrating", calibration.Tokens, "tokens", progress =>
            CalibrationPass.Run(model, calibration.Sequences, threads, progress, terminal.Cancellation));
        KvAblation ablation = new(model, statistics, plan, threads, terminal.Time);
        (IReadOnlyList<AblationRow> codes, IReadOnlyList<AblationRow> byPosition) = ProgressBar.Run(
            terminal, "measuring codes", ablation.Work, "tokens", progress => ablation.Run(ids, progress, terminal.Cancellation));
        return new AblationReport(
            RunRecord.Of(model, file.Path, file.Sha256, CacheMode.TwoPass, null, threads),
            Path.GetFileName(request.Calibration ?? file.Path),
            calibration.DataSha256,
            calibration.Tokens,
            request.CalibrationWindow,
            request.Seed,
            plan.WindowLength,
            plan.Windows,
            plan.LongWindow,
            terminal.Time.GetElapsedTime(start).TotalSeconds,
            KvAblation.BestCode,
            codes,
            byPosition);
    }

    private static BitWidth[] Widths(string list)
    {
        int[] named = [.. list.Split(',', StringSplitOptions.TrimEntries).Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int width) ? width : -1)];
        return named.Length == named.Distinct().Count() && named.All(width => Coded.Contains((BitWidth)width))
            ? [.. Coded.Where(width => named.Contains((int)width))]
            : throw new FormatException($"--bits '{list}': expected some of {string.Join(", ", Coded.Select(width => (int)width))}, each once, separated by commas");
    }
}
