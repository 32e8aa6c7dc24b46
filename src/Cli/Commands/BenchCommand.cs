using System.CommandLine;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Decoding;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv bench</c>: how fast a model decodes and reads prompts on this machine, by depth and policy.</summary>
internal static class BenchCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        SpeedOptions speed = new("static-16,static-8,static-4,static-2");
        Option<int> prefill = CommonOptions.WholeNumber("--prefill", "Tokens of the prompt whose reading is timed", 1, 512, SpeedSettings.MostTokens);
        Option<string?> prefillDepths = new("--prefill-depths") { Description = "Also time the reading of a prompt after so many cached tokens: comma-separated, such as 1024,4096", HelpName = "tokens" };
        Option<string?> batch = new("--batch") { Description = "Also time steps that some sessions take together: comma-separated numbers of sessions, such as 1,4,8", HelpName = "sessions" };
        FileOption<string?> plot = new(FileRole.Output, "--plot") { Description = "Write tokens per second by depth as an SVG image" };
        FileOption<string?> costs = new(FileRole.Output, "--costs") { Description = "Write what each width costs at the greatest depth, as JSON for 'akv train --costs'" };
        Option<bool> json = new("--json") { Description = "Print JSON instead of tables: every record, summaries, the machine" };
        Option<bool> markdown = new("--markdown") { Description = "Print Markdown tables" };
        Command command = new("bench", "Measure tokens per second by depth and policy on this machine");
        foreach (Option option in (Option[])[.. speed.All, prefill, prefillDepths, batch, plot, costs, json, markdown])
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            string? image = arguments.GetValue(plot) is { } path ? OutputFile.Require(path) : null;
            string? table = arguments.GetValue(costs) is { } costPath ? OutputFile.Require(costPath) : null;
            IReadOnlyList<int>? sizes = arguments.GetValue(batch) is { } list ? SpeedOptions.Numbers("--batch", list, SpeedSettings.MostSessions) : null;
            IReadOnlyList<int>? after = arguments.GetValue(prefillDepths) is { } lengths ? SpeedOptions.Numbers("--prefill-depths", lengths, SpeedSettings.MostTokens) : null;
            SpeedRequest asked = speed.Read(arguments, arguments.GetValue(prefill), terminal, after);
            using LlamaModel loaded = asked.Model;
            SpeedReport report = SpeedBenchmark.Measure(
                loaded, asked.Policies, asked.Choice.Setup, asked.Settings, asked.Ids, asked.Threads, new StageReporter(terminal), terminal.Time, terminal.Cancellation,
                sizes, sizes is null ? null : speed.Companies(arguments, asked, sizes[^1]));
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
}
