using System.CommandLine;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Laboratory.Modes;

/// <summary><c>laboratory modes</c>: how far scoring in two passes lies from decoding token by token.</summary>
internal static class ModesCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        FileOption<string> data = new(FileRole.Input, "--data") { Description = "Items: JSON lines (ours, HellaSwag's, ARC's) or llama.cpp's HellaSwag text", Required = true };
        Option<string> policies = new("--policies") { Description = $"Comma-separated: {PolicyCatalog.Known}", HelpName = "names", DefaultValueFactory = _ => "static-4,static-2" };
        CodeOptions code = new();
        Option<int?> limit = CommonOptions.WholeNumber("--limit", "Take a random sample of n items instead of all", 1);
        Option<int> shotCount = CommonOptions.WholeNumber("--shots", "Questions with their right endings before every item, the same for all", 0, 0);
        FileOption<string?> shotItems = new(FileRole.Input, "--shot-items") { Description = "Items that shots are taken from; without it those of --data that --limit leaves over" };
        Option<ulong> seed = CommonOptions.Seed();
        Option<int?> threads = CommonOptions.Threads();
        Option<string> arithmetic = CommonOptions.Arithmetic();
        Option<bool> json = new("--json") { Description = "Print JSON instead of tables" };
        Option<bool> markdown = new("--markdown") { Description = "Print Markdown tables" };
        Command command = new("modes", "Score items twice, token by token and in two passes, and show item by item and in sum how far the two differ");
        foreach (Option option in (Option[])[model, data, policies, .. code.All, limit, shotCount, shotItems, seed, threads, arithmetic, json, markdown])
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            CodeChoice choice = code.Read(arguments, arguments.GetRequiredValue(policies), terminal);
            IReadOnlyList<PrecisionPolicy> chosen = CodeOptions.Policies(arguments, policies, choice);
            ItemFile file = ItemFile.Read(arguments.GetRequiredValue(data));
            ItemSample sample = ItemSample.Draw(file.Items, arguments.GetValue(limit), arguments.GetValue(seed));
            Shots shots = Shots.From(arguments.GetValue(shotItems), arguments.GetValue(shotCount), sample.Seed)?.Invoke(file, sample.Items) ?? Shots.None;

            using LlamaModel loaded = LlamaModel.Load(arguments.GetRequiredValue(model), NamedValue.Of<Arithmetic>(arguments.GetRequiredValue(arithmetic)), terminal.Note);
            (KvCacheOptions options, CodeRecord record) = choice.Setup.For(loaded);
            EngineSetup engine = new(CommonOptions.Threads(arguments.GetValue(threads), loaded, terminal), options);
            long start = terminal.Time.GetTimestamp();
            IReadOnlyList<ModeDifference> items = ProgressBar.Run(terminal, "scoring the items twice", sample.Items.Count, "items", progress =>
                ModeComparison.Run(loaded, chosen, shots.Encode(sample.Items, text => loaded.Tokenizer.Encode(text)), engine, progress, terminal.Cancellation));
            RunRecord run = RunRecord.Of(loaded, file.Path, file.Sha256, CacheMode.Decode, record, engine.Threads);
            ModeReport report = ModeReport.Of(run, file, sample, terminal.Time.GetElapsedTime(start), items, chosen.Count) with { Shots = shots.Items.Count };
            string text = arguments.GetValue(json) ? LaboratoryJson.Text(report) : arguments.GetValue(markdown) ? ModeTable.Markdown(report) : ModeTable.Text(report);
            terminal.Output.WriteLine(text.TrimEnd('\n'));
            return report.ItemsDone == report.ItemsWanted ? ExitCode.Done : terminal.CancelledCode();
        });
        return command;
    }
}
