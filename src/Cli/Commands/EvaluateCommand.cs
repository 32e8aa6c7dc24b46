using System.CommandLine;
using System.CommandLine.Parsing;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv evaluate</c>: multiple-choice accuracy of policies on the same items, with what each costs.</summary>
internal static class EvaluateCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        EngineOptions engine = new();
        FileOption<string> data = new(FileRole.Input, "--data")
        {
            Description = "Items: JSON lines (ours, HellaSwag's, ARC's) or llama.cpp's HellaSwag text",
            Required = true,
        };
        FileOption<string?> names = new(FileRole.Input, "--items")
        {
            Description = "Take only the items named in this file: a name per line, or JSON lines with 'item'",
        };
        Option<int?> limit = CommonOptions.WholeNumber("--limit", "Take a random sample of n items instead of all", 1);
        Option<int> shotCount = CommonOptions.WholeNumber("--shots", "Questions with their right endings before every item, the same for all", 0, 0);
        FileOption<string?> shotItems = new(FileRole.Input, "--shot-items")
        {
            Description = "Items that shots are taken from, such as those of the training split; without it those of --data that --limit leaves over",
        };
        Option<ulong> seed = CommonOptions.Seed();
        FileOption<string?> scores = new(FileRole.Output, "--scores") { Description = "Write every item's scores as JSON lines" };
        Command command = new("evaluate", "Measure accuracy, bits and time of precision policies on multiple-choice items");
        engine.AddTo(command, data, names, limit, shotCount, shotItems, seed, scores);
        command.SetAction(arguments =>
        {
            // What can be wrong in a second is found before what takes minutes.
            EngineSettings settings = engine.Read(arguments, terminal);
            ItemFile file = ItemFile.Read(arguments.GetRequiredValue(data));
            string? selection = arguments.GetValue(names);
            IReadOnlyList<MultipleChoiceItem> items = selection is null ? file.Items : ItemSelection.Read(selection).Of(file);
            ItemSample sample = ItemSample.Draw(items, arguments.GetValue(limit), arguments.GetValue(seed));
            Shots shots = Shots.From(arguments.GetValue(shotItems), arguments.GetValue(shotCount), sample.Seed)?.Invoke(file, sample.Items) ?? Shots.None;
            string? scoresPath = arguments.GetValue(scores) is { } path ? OutputFile.Require(path) : null;
            (EvaluationReport report, EvaluationResult result) = Evaluate(settings, file, selection, sample, shots, terminal);
            if (scoresPath is not null)
            {
                ScoreFile.Write(scoresPath, result.Items);
                terminal.Note($"wrote {scoresPath}");
            }

            terminal.Output.WriteLine(engine.Render(arguments, report, ReportJson.Text, EvaluationTable.Markdown, EvaluationTable.Text));
            return result.ItemsDone == result.ItemsWanted ? ExitCode.Done : terminal.CancelledCode();
        });
        return command;
    }

    /// <summary>Loads the model and scores the items.</summary>
    public static (EvaluationReport Report, EvaluationResult Result) Evaluate(
        EngineSettings settings, ItemFile file, string? selection, ItemSample sample, Shots shots, Terminal terminal)
    {
        using LlamaModel model = LlamaModel.Load(settings.Model, settings.Arithmetic, terminal.Note);
        (KvCacheOptions code, CodeRecord record) = settings.Code.For(model);
        int threads = CommonOptions.Threads(settings.Threads, model, terminal);
        EvaluationResult result = ProgressBar.Run(terminal, "scoring the items", sample.Items.Count, "items", progress =>
            MultipleChoiceEvaluation.Run(
                model, settings.Policies, shots.Encode(sample.Items, text => model.Tokenizer.Encode(text)), settings.Mode, new EngineSetup(threads, code), terminal.Time, progress, terminal.Cancellation));
        RunRecord run = RunRecord.Of(model, file.Path, file.Sha256, settings.Mode, record, threads);
        return (EvaluationReport.Of(run, file, selection, sample, result) with { Shots = shots.Items.Count }, result);
    }
}
