using System.CommandLine;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary><c>laboratory breakdown</c>: where the time of a decoded token goes, part by part, and how near the machine's limits that is.</summary>
internal static class BreakdownCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        Option<string> policies = new("--policies") { Description = $"Comma-separated: {PolicyCatalog.Known}", HelpName = "names", DefaultValueFactory = _ => "static-16,static-4" };
        Option<string> depths = BenchCommand.DepthsOption();
        Option<int> tokens = CommonOptions.WholeNumber("--tokens", "Tokens decoded at each depth, timed one by one", 1, 32, SpeedSettings.MostTokens);
        Option<int> repeats = CommonOptions.WholeNumber("--repeats", "How often everything is measured", 1, 3, SpeedSettings.MostRepeats);
        CodeOptions code = new();
        Option<int?> threads = CommonOptions.Threads();
        FileOption<string?> ids = new(FileRole.Input, "--ids") { Description = "Token ids to read, a JSON array; random ones if not given" };
        Option<ulong> seed = CommonOptions.Seed();
        Option<bool> force = new("--force") { Description = "Measure a Debug build or without AVX2, too" };
        Option<bool> json = new("--json") { Description = "Print JSON instead of tables" };
        Option<bool> markdown = new("--markdown") { Description = "Print Markdown tables" };
        Command command = new("breakdown", "Show where the time of a decoded token goes, part by part, and how near the machine's limits that is");
        foreach (Option option in (Option[])[model, policies, depths, tokens, repeats, .. code.All, threads, ids, seed, force, json, markdown])
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            BenchCommand.RequireConditions(arguments.GetValue(force), terminal);
            CodeSetup setup = code.Read(arguments);
            IReadOnlyList<PrecisionPolicy> chosen = code.Policies(arguments, policies, setup);
            SpeedSettings settings = new(BenchCommand.Depths(arguments.GetRequiredValue(depths)), 1, arguments.GetValue(tokens), arguments.GetValue(repeats));
            TokenIds? given = arguments.GetValue(ids) is { } file ? TokenIds.Read(file) : null;

            using LlamaModel loaded = LlamaModel.Load(arguments.GetRequiredValue(model), Arithmetic.Int8, terminal.Note);
            TokenIds read = given ?? TokenIds.Draw(settings.LongestSequence, loaded.Shape.Vocabulary, arguments.GetValue(seed));
            read.Require(settings.LongestSequence, loaded.Shape.Vocabulary);
            int members = CommonOptions.Threads(arguments.GetValue(threads), loaded, terminal);
            (KvCacheOptions options, CodeRecord record) = setup.For(loaded);
            long start = terminal.Time.GetTimestamp();
            MachineLimits limits = MachineLimits.Measure(members);
            BreakdownBenchmark benchmark = new(loaded, settings, read, new EngineSetup(members, options), terminal.Time);
            IReadOnlyList<StepBreakdown> steps = ProgressBar.Run(
                terminal, $"taking tokens apart under {chosen.Count} policies", benchmark.TotalTokens(chosen.Count), "tokens", progress => benchmark.Run(chosen, progress, terminal.Cancellation));
            RunRecord run = RunRecord.Of(loaded, read.Name, read.Sha256, CacheMode.Decode, record, members);
            BreakdownReport report = new(run, settings, limits, terminal.Time.GetElapsedTime(start).TotalSeconds, steps);
            string text = arguments.GetValue(json) ? LaboratoryJson.Text(report) : arguments.GetValue(markdown) ? BreakdownTable.Markdown(report) : BreakdownTable.Text(report);
            terminal.Output.WriteLine(text.TrimEnd('\n'));
            return ExitCode.Done;
        });
        return command;
    }
}
