using System.CommandLine;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Threads;

namespace AdaptiveKv.Laboratory.Balance;

/// <summary><c>laboratory balance</c>: barriers and units of work of steps, and how evenly they fall to more threads than this machine has.</summary>
internal static class BalanceCommand
{
    private const int WarmUp = 40; // .NET compiles a method anew after 30 calls, in the background.

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        Option<string> threads = new("--threads") { Description = "Comma-separated numbers of threads", HelpName = "numbers", DefaultValueFactory = _ => "2,4,8,16,32,64" };
        Option<int> depth = CommonOptions.WholeNumber("--depth", "Tokens in the cache before decoding", 1, 128, SpeedSettings.MostTokens);
        Option<int> prefill = CommonOptions.WholeNumber("--prefill", "Tokens of a prompt", 2, 512, SpeedSettings.MostTokens);
        Option<int> sessions = CommonOptions.WholeNumber("--sessions", "Sessions that take steps together", 2, 8, SpeedSettings.MostSessions);
        Option<int> repeats = CommonOptions.WholeNumber("--repeats", "Steps that are timed", 1, 20, SpeedSettings.MostRepeats);
        Option<string> arithmetic = CommonOptions.Arithmetic();
        Option<bool> json = new("--json") { Description = "Print JSON instead of tables" };
        Option<bool> markdown = new("--markdown") { Description = "Print Markdown tables" };
        Command command = new("balance", "Count barriers and units of work of decoding, prompts and batches, and show how evenly they fall to more threads than there are processors");
        foreach (Option option in (Option[])[model, threads, depth, prefill, sessions, repeats, arithmetic, json, markdown])
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            IReadOnlyList<int> teams = SpeedOptions.Numbers("--threads", arguments.GetRequiredValue(threads), ThreadTeam.MostThreads);
            long start = terminal.Time.GetTimestamp();
            using LlamaModel loaded = LlamaModel.Load(arguments.GetRequiredValue(model), NamedValue.Of<Arithmetic>(arguments.GetRequiredValue(arithmetic)), terminal.Note);
            int past = arguments.GetValue(depth), prompt = arguments.GetValue(prefill), together = arguments.GetValue(sessions);
            StepKind[] kinds = [new($"a decoded token at {past}", 1, 1, past), new($"a prompt of {prompt}", prompt, 1, 0), new($"{together} sessions together at {past}", 1, together, past)];
            TokenIds ids = TokenIds.Draw(Math.Max(past + 1, prompt), loaded.Shape.Vocabulary, 42);
            List<StepBalance> balances = [];
            ProgressBar.Run(terminal, "counting", kinds.Length * (teams.Count + 1L), "teams", progress =>
            {
                TokenFeed feed = new(ids, null, terminal.Cancellation);
                long done = 0;
                foreach (StepKind kind in kinds)
                {
                    var timed = kind.Take(loaded, 1, isTimed: true, kind.Tokens > 1 ? 2 : WarmUp, arguments.GetValue(repeats), feed);
                    progress.Report(++done);
                    balances.Add(StepBalance.Of(kind.Name, timed, [.. teams.Select(team =>
                    {
                        var regions = kind.Take(loaded, team, isTimed: false, 0, 1, feed)[0];
                        progress.Report(++done);
                        return (team, regions);
                    })]));
                }

                return true;
            });
            RunRecord run = RunRecord.Of(loaded, ids.Name, ids.Sha256, CacheMode.Prefill, CodeSetup.Default.For(loaded).Record, 1);
            BalanceReport report = new(run, teams, arguments.GetValue(repeats), terminal.Time.GetElapsedTime(start).TotalSeconds, balances);
            string text = arguments.GetValue(json) ? LaboratoryJson.Text(report) : arguments.GetValue(markdown) ? BalanceTable.Markdown(report) : BalanceTable.Text(report);
            terminal.Output.WriteLine(text.TrimEnd('\n'));
            return ExitCode.Done;
        });
        return command;
    }
}
