using System.CommandLine;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv perplexity</c>: likelihood of a text under policies, and their divergence from a reference.</summary>
internal static class PerplexityCommand
{
    private const string NoReference = "none";

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        EngineOptions engine = new();
        FileOption<string> text = new(FileRole.Input, "--text") { Description = "A plain UTF-8 text", Required = true };
        Option<int> tokens = CommonOptions.WholeNumber("--tokens", "Tokens read per window, from an empty cache; each predicts the next", 1, 512);
        Option<int?> stride = CommonOptions.WholeNumber("--stride", "Tokens from one window's start to the next one's; the window's length by default", 1);
        Option<int?> windows = CommonOptions.WholeNumber("--windows", "Read the first n windows instead of all", 1);
        Option<string> reference = new("--reference")
        {
            Description = $"Policy that KL and top-1 agreement are taken against; {NoReference} to leave them out",
            HelpName = "policy",
            DefaultValueFactory = _ => "static-16",
        };
        Command command = new("perplexity", "Measure perplexity of a text under precision policies, and their divergence from 16 bits");
        engine.AddTo(command, text, tokens, stride, windows, reference);
        command.SetAction(arguments =>
        {
            EngineSettings settings = WithReference(engine.Read(arguments, terminal), arguments.GetRequiredValue(reference), out string? against);
            int length = arguments.GetValue(tokens);
            int step = arguments.GetValue(stride) ?? length;
            RequireStride(length, step);
            TextFile file = TextFile.Read(arguments.GetRequiredValue(text));

            using LlamaModel model = LlamaModel.Load(settings.Model, settings.Arithmetic, terminal.Note);
            RequireContext(length, model.Shape.ContextLength);
            int[] ids = model.Tokenizer.Encode(file.Text);
            IReadOnlyList<TextWindow> all = ids.Length >= 2
                ? TextWindow.Cut(ids.Length, length, step)
                : throw new InvalidDataException($"{file.Path}: {ids.Length} tokens are too few: at least 2 are needed");
            IReadOnlyList<TextWindow> wanted = [.. all.Take(arguments.GetValue(windows) ?? all.Count)];
            (KvCacheOptions code, CodeRecord record) = settings.Code.For(model);
            int threads = CommonOptions.Threads(settings.Threads, model, terminal);
            PerplexityResult result = Read(model, settings, new EngineSetup(threads, code), against, ids, wanted, terminal);

            RunRecord run = RunRecord.Of(model, file.Path, file.Sha256, settings.Mode, record, threads);
            var report = new PerplexityReport(
                run, against, ids.Length, result.TokensScored, length, step, PerplexityEvaluation.ChunkLength, all.Count, wanted.Count, result.WindowsDone, result.Seconds, PeakMemory.Bytes, result.Policies);
            terminal.Output.WriteLine(engine.Render(arguments, report, ReportJson.Text, PerplexityTable.Markdown, PerplexityTable.Text));
            return result.WindowsDone == wanted.Count ? ExitCode.Done : terminal.CancelledCode();
        });
        return command;
    }

    private static PerplexityResult Read(
        LlamaModel model, EngineSettings settings, EngineSetup setup, string? reference, int[] ids, IReadOnlyList<TextWindow> windows, Terminal terminal) =>
        ProgressBar.Run(terminal, "reading the text", windows.Sum(window => (long)window.Length), "tokens", progress =>
            PerplexityEvaluation.Measure(
                model,
                settings.Policies,
                reference,
                ids,
                windows,
                settings.Mode,
                setup,
                terminal.Time,
                progress,
                terminal.Cancellation));

    /// <summary>The reference takes part even where it was not named among the policies.</summary>
    private static EngineSettings WithReference(EngineSettings settings, string name, out string? reference)
    {
        if (name == NoReference)
        {
            reference = null;
            return settings;
        }

        PrecisionPolicy policy = PolicyCatalog.ParseOne(name, settings.Code.Sinks, settings.Code.Recent);
        reference = policy.Name;
        return settings.Policies.Any(other => other.Name == policy.Name) ? settings : settings with { Policies = [policy, .. settings.Policies] };
    }

    private static void RequireStride(int length, int stride)
    {
        if (stride > length)
        {
            throw new FormatException($"--stride {stride}: it would skip tokens between windows of {length}: expected 1 to {length}");
        }
    }

    private static void RequireContext(int length, int context)
    {
        if (length > context)
        {
            throw new FormatException($"--tokens {length}: the model's context holds {context}");
        }
    }
}
