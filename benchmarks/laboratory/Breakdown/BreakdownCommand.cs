using System.CommandLine;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary><c>laboratory breakdown</c>: where the time of a token of a prompt and of a decoded one goes, part by part, and how near the machine's limits that is.</summary>
internal static class BreakdownCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        SpeedOptions speed = new("static-16,static-4");
        Option<int> prefill = CommonOptions.WholeNumber("--prefill", "Tokens of the prompt whose reading is taken apart", 1, 512, SpeedSettings.MostTokens);
        Option<int?> sessions = CommonOptions.WholeNumber("--sessions", "Also take steps apart that so many sessions take together", 2, maximum: SpeedSettings.MostSessions);
        Option<bool> json = new("--json") { Description = "Print JSON instead of tables" };
        Option<bool> markdown = new("--markdown") { Description = "Print Markdown tables" };
        Command command = new("breakdown", "Show where the time of a token of a prompt and of a decoded one goes, part by part, and how near the machine's limits that is");
        foreach (Option option in (Option[])[.. speed.All, prefill, sessions, json, markdown])
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            SpeedRequest asked = speed.Read(arguments, arguments.GetValue(prefill), terminal);
            using LlamaModel loaded = asked.Model;
            asked.Ids.Require(asked.Settings.LongestSequence, loaded.Shape.Vocabulary);
            (KvCacheOptions options, CodeRecord record) = asked.Choice.Setup.For(loaded);
            long start = terminal.Time.GetTimestamp();
            MachineLimits limits = MachineLimits.Measure(asked.Threads);
            EngineSetup setup = new(asked.Threads, options);
            BreakdownBenchmark benchmark = new(loaded, asked.Settings, setup, terminal.Time);
            TogetherBenchmark company = new(loaded, asked.Settings, setup, terminal.Time);
            int policies = asked.Policies.Count, together = arguments.GetValue(sessions) ?? 0;
            (IReadOnlyList<StepBreakdown> steps, IReadOnlyList<StepBreakdown> shared) = ProgressBar.Run(
                terminal, $"taking tokens apart under {policies} policies", benchmark.TotalTokens(policies) + company.TotalTokens(policies, together), "tokens", progress =>
                {
                    TokenFeed feed = new(asked.Ids, progress, terminal.Cancellation);
                    return (benchmark.Run(asked.Policies, feed), together == 0 ? [] : company.Run(speed.Companies(arguments, asked, 2 * together), feed));
                });
            RunRecord run = RunRecord.Of(loaded, asked.Ids.Name, asked.Ids.Sha256, CacheMode.Decode, record, asked.Threads);
            BreakdownReport report = new(run, asked.Settings, limits, terminal.Time.GetElapsedTime(start).TotalSeconds, benchmark.Prompts, steps, together, shared);
            string text = arguments.GetValue(json) ? LaboratoryJson.Text(report) : arguments.GetValue(markdown) ? BreakdownTable.Markdown(report) : BreakdownTable.Text(report);
            terminal.Output.WriteLine(text.TrimEnd('\n'));
            return ExitCode.Done;
        });
        return command;
    }
}
