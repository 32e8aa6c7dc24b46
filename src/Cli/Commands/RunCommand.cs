using System.CommandLine;
using AdaptiveKv.Evaluation;
using AdaptiveKv.Evaluation.Reports;
using AdaptiveKv.Scoring.Tasks;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv run</c>: the whole path on the embedded micro model, from its file to a table of policies.</summary>
internal static class RunCommand
{
    private const int Items = 200;

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        EngineOptions engine = new(embedded: true);
        Option<string?> data = new("--data") { Description = "Items; those of the embedded model by default", HelpName = "file" };
        Option<int> limit = CommonOptions.WholeNumber("--limit", "Take a random sample of n items", 1, Items);
        Option<ulong> seed = CommonOptions.Seed();
        Command command = new("run", "Load the embedded micro model, score its items under each policy, print the table");
        engine.AddTo(command, data, limit, seed);
        command.SetAction(arguments =>
        {
            EngineSettings settings = engine.Read(arguments);
            ItemFile file = ItemFile.Read(arguments.GetValue(data) ?? Repository.MicroItems);
            ItemSample sample = ItemSample.Draw(file.Items, arguments.GetValue(limit), arguments.GetValue(seed));
            EvaluationReport report = EvaluateCommand.Evaluate(settings, file, null, sample, terminal).Report;
            terminal.Output.WriteLine(engine.Render(arguments, report, ReportJson.Text, EvaluationTable.Markdown, EvaluationTable.Text));
            return report.ItemsDone == report.ItemsWanted ? ExitCode.Done : terminal.CancelledCode();
        });
        return command;
    }
}
