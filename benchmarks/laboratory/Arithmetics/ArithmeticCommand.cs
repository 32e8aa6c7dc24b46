using System.CommandLine;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation;
using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Laboratory.Arithmetics;

/// <summary><c>laboratory arithmetic</c>: what each arithmetic of matrix products costs in likelihood, against float.</summary>
internal static class ArithmeticCommand
{
    private const string Policy = "static-16";

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        FileOption<string> text = new(FileRole.Input, "--text") { Description = "A plain UTF-8 text", Required = true };
        Option<int> tokens = CommonOptions.WholeNumber("--tokens", "Tokens read per window, from an empty cache; each predicts the next", 1, 512);
        Option<int> windows = CommonOptions.WholeNumber("--windows", "Read the first n windows", 1, 8);
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> markdown = new("--markdown") { Description = "Print a Markdown table" };
        Command command = new("arithmetic", $"Measure KL and top-1 agreement of every --arithmetic from float ones, the cache at 16 bits ({Policy})");
        foreach (Option option in (Option[])[model, text, tokens, windows, threads, markdown])
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            TextFile file = TextFile.Read(arguments.GetRequiredValue(text));
            LlamaModel[] models = [.. Enum.GetValues<Arithmetic>().Select(arithmetic => LlamaModel.Load(arguments.GetRequiredValue(model), arithmetic, terminal.Note))];
            try
            {
                int[] ids = models[0].Tokenizer.Encode(file.Text);
                int length = Math.Min(arguments.GetValue(tokens), Math.Min(models[0].Shape.ContextLength, ids.Length - 1));
                IReadOnlyList<TextWindow> all = TextWindow.Cut(ids.Length, length, length), wanted = [.. all.Take(arguments.GetValue(windows))];
                (KvCacheOptions code, CodeRecord record) = CodeSetup.Default.For(models[0]);
                EngineSetup setup = new(CommonOptions.Threads(arguments.GetValue(threads), models[0], terminal), code);
                PerplexityResult result = Read(models, setup, ids, wanted, length, terminal);
                RunRecord run = RunRecord.Of(models[0], file.Path, file.Sha256, CacheMode.Prefill, record, setup.Threads);
                PerplexityReport report = new(
                    run, result.Policies[0].Policy, ids.Length, result.TokensScored, length, length, PerplexityEvaluation.ChunkLength, all.Count, wanted.Count, result.WindowsDone, result.Seconds, PeakMemory.Bytes, result.Policies);
                terminal.Output.WriteLine((arguments.GetValue(markdown) ? PerplexityTable.Markdown(report) : PerplexityTable.Text(report)).TrimEnd('\n'));
                return result.WindowsDone == wanted.Count ? ExitCode.Done : terminal.CancelledCode();
            }
            finally
            {
                Array.ForEach(models, loaded => loaded.Dispose());
            }
        });
        return command;
    }

    private static PerplexityResult Read(LlamaModel[] models, EngineSetup setup, int[] ids, IReadOnlyList<TextWindow> windows, int length, Terminal terminal)
    {
        (string Name, LogitsSession Session)[] sessions =
            [.. models.Select(model => (EnumName<Arithmetic>.Of(model.Arithmetic), (LogitsSession)new ModelSession(model, PolicyCatalog.ParseOne(Policy), CacheMode.Prefill, setup, length)))];
        try
        {
            PerplexityEvaluation evaluation = new(sessions, sessions[0].Name, models[0].Shape.Vocabulary, terminal.Time);
            return ProgressBar.Run(terminal, "reading the text", windows.Sum(window => (long)window.Length), "tokens", progress =>
                evaluation.Run(ids, windows, progress, terminal.Cancellation));
        }
        finally
        {
            Array.ForEach(sessions, session => session.Session.Dispose());
        }
    }
}
