using System.CommandLine;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Runs;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv sweep</c>: a run for each combination of values.</summary>
internal static class SweepCommand
{
    private const int MostRuns = 1000;

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        PipelineOptions pipeline = new();
        StageOptions stages = new();
        Option<string[]> sets = new("--set", "-S")
        {
            Description = "Values to try, between commas: train.lr=1e-3,3e-4 or train.hidden=[64],[64,64]; given more than once, every combination is run",
            HelpName = "param=value,...",
            Required = true,
        };
        Option<string[]> metrics = RunsListCommand.Metrics();
        MetricsFormat format = new(terminal);
        Command command = new("sweep", "Run a pipeline once for each combination of values; each run is kept under a name by its values, and stages that do not depend on them run once")
        {
            sets, metrics,
        };
        stages.AddTo(command);
        pipeline.AddFileTo(command);
        format.AddTo(command);
        command.SetAction(arguments =>
        {
            // All of them are read before the first one runs.
            PipelineFile[] files = [.. Combinations(arguments.GetRequiredValue(sets)).Select(values => pipeline.Read(arguments, catalog, values))];
            StageSelection selection = stages.Read(arguments);
            List<string> names = [];
            foreach ((int at, PipelineFile file) in files.Index())
            {
                terminal.Note($"run {at + 1} of {files.Length}: {string.Join(' ', file.Values)}");
                names.Add(PipelineRunCommand.Run(file, selection, force: false, name: null, terminal));
            }

            RunStore store = new(files[0], terminal.Time);
            terminal.Output.Write(RunsListCommand.Render(arguments, format, files[^1], [.. names.Distinct().Select(name => store[name])], arguments.GetValue(metrics) ?? [], catalog, terminal));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Every choice of one value from each list.</summary>
    /// <exception cref="FormatException">One is no list of values, or there are too many.</exception>
    public static IReadOnlyList<string[]> Combinations(IEnumerable<string> sets)
    {
        List<string[]> combinations = [[]];
        foreach (string set in sets)
        {
            string[] halves = set.Split('=', 2);
            string[] values = halves.Length == 2 ? [.. Split(halves[1])] : [];
            if (values.Length == 0 || values.Any(value => value.Length == 0))
            {
                throw new FormatException($"-S {set}: expected stage.param=value,value");
            }

            if ((long)combinations.Count * values.Length > MostRuns)
            {
                throw new FormatException($"-S {set}: makes more than {MostRuns:N0} runs");
            }

            combinations = [.. from chosen in combinations from value in values select (string[])[.. chosen, $"{halves[0]}={value}"]];
        }

        return combinations;
    }

    // A comma within brackets, braces or quotes is the value's own.
    private static IEnumerable<string> Split(string text)
    {
        int depth = 0, start = 0;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i];
            quote = quote == letter ? '\0' : quote == '\0' && (letter is '"' or '\'') ? letter : quote;
            depth += quote != '\0' ? 0 : letter is '[' or '{' ? 1 : letter is ']' or '}' ? -1 : 0;
            if (letter == ',' && depth == 0 && quote == '\0')
            {
                yield return text[start..i].Trim();
                start = i + 1;
            }
        }

        yield return text[start..].Trim();
    }
}
