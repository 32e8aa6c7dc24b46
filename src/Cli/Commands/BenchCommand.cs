using System.CommandLine;
using System.Globalization;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv bench</c>: how fast a model decodes and reads prompts on this machine, by depth and policy.</summary>
internal static class BenchCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        Option<string> policies = new("--policies") { Description = $"Comma-separated: {PolicyCatalog.Known}", HelpName = "names", DefaultValueFactory = _ => "static-16,static-8,static-4,static-2" };
        Option<string> depths = DepthsOption();
        Option<int> prefill = CommonOptions.WholeNumber("--prefill", "Tokens of the prompt whose reading is timed", 1, 512, SpeedSettings.MostTokens);
        Option<int> tokens = CommonOptions.WholeNumber("--tokens", "Tokens decoded at each depth, timed one by one", 1, 32, SpeedSettings.MostTokens);
        Option<int> repeats = CommonOptions.WholeNumber("--repeats", "How often everything is measured", 1, 3, SpeedSettings.MostRepeats);
        CodeOptions code = new();
        Option<int?> threads = CommonOptions.Threads();
        FileOption<string?> ids = new(FileRole.Input, "--ids") { Description = "Token ids to read, a JSON array; random ones if not given" };
        Option<ulong> seed = CommonOptions.Seed();
        FileOption<string?> plot = new(FileRole.Output, "--plot") { Description = "Write tokens per second by depth as an SVG image" };
        FileOption<string?> costs = new(FileRole.Output, "--costs") { Description = "Write what each width costs at the greatest depth, as JSON for 'akv train --costs'" };
        Option<bool> force = new("--force") { Description = "Measure a Debug build or without AVX2, too" };
        Option<bool> json = new("--json") { Description = "Print JSON instead of tables: every record, summaries, the machine" };
        Option<bool> markdown = new("--markdown") { Description = "Print Markdown tables" };
        Command command = new("bench", "Measure tokens per second by depth and policy on this machine");
        foreach (Option option in (Option[])[model, policies, depths, prefill, tokens, repeats, .. code.All, threads, ids, seed, plot, costs, force, json, markdown])
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            RequireConditions(arguments.GetValue(force), terminal);
            CodeSetup setup = code.Read(arguments);
            IReadOnlyList<PrecisionPolicy> chosen = code.Policies(arguments, policies, setup);
            SpeedSettings settings = new(Depths(arguments.GetRequiredValue(depths)), arguments.GetValue(prefill), arguments.GetValue(tokens), arguments.GetValue(repeats));
            TokenIds? given = arguments.GetValue(ids) is { } file ? TokenIds.Read(file) : null;
            string? image = arguments.GetValue(plot) is { } path ? OutputFile.Require(path) : null;
            string? table = arguments.GetValue(costs) is { } costPath ? OutputFile.Require(costPath) : null;

            using LlamaModel loaded = LlamaModel.Load(arguments.GetRequiredValue(model), Arithmetic.Int8, terminal.Note);
            TokenIds read = given ?? TokenIds.Draw(settings.LongestSequence, loaded.Shape.Vocabulary, arguments.GetValue(seed));
            SpeedReport report = SpeedBenchmark.Measure(
                loaded, chosen, setup, settings, read, CommonOptions.Threads(arguments.GetValue(threads), terminal), new StageReporter(terminal), terminal.Time, terminal.Cancellation);
            if (image is not null)
            {
                OutputFile.Write(image, SpeedPlot.Svg(report));
                terminal.Note($"wrote {image}");
            }

            if (table is not null)
            {
                OutputFile.Write(table, CostTable.Json(report));
                terminal.Note($"wrote {table}");
            }

            terminal.Output.WriteLine(
                (arguments.GetValue(json) ? ReportJson.Text(report) : arguments.GetValue(markdown) ? SpeedTable.Markdown(report) : SpeedTable.Text(report)).TrimEnd('\n'));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary><c>--depths</c>.</summary>
    public static Option<string> DepthsOption() => new("--depths")
    {
        Description = "Comma-separated cache lengths to decode at", HelpName = "tokens", DefaultValueFactory = _ => "128,1024,4096,8192",
    };

    /// <summary>Ascending, each once.</summary>
    /// <exception cref="FormatException">Something else than numbers from 1 to <see cref="SpeedSettings.MostTokens"/>.</exception>
    public static IReadOnlyList<int> Depths(string list) =>
    [
        .. list.Split(',', StringSplitOptions.TrimEntries)
            .Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int depth) && depth is >= 1 and <= SpeedSettings.MostTokens
                ? depth
                : throw new FormatException($"--depths '{list}': '{word}' is not a whole number from 1 to {SpeedSettings.MostTokens}"))
            .Distinct()
            .Order(),
    ];

    /// <summary>Refuses what makes every figure worthless, or says so.</summary>
    /// <exception cref="ArgumentException">Nothing worth knowing can be measured here.</exception>
    public static void RequireConditions(bool force, Terminal terminal)
    {
        foreach (string fault in SpeedConditions.Faults)
        {
            if (!force)
            {
                throw new ArgumentException($"no speed worth knowing can be measured: {fault}, or pass --force");
            }

            terminal.Note($"warning: {fault}; these figures say nothing about the engine");
        }
    }
}
