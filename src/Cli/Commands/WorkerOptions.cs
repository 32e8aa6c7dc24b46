using System.CommandLine;
using System.Globalization;
using AdaptiveKv.Cli.Workers;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Shards;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary>The options of <c>akv run</c> that name who does the work of stages that work item by item.</summary>
internal sealed class WorkerOptions
{
    private const string Local = "local:";
    private const string Slurm = "slurm";
    private const int MostProcesses = 1024;
    private const int SlurmShards = 64;

    private readonly Option<string?> on = new("--on")
    {
        Description = "Who does the stages that work item by item: 'local:N' for N processes of this machine, 'slurm' for jobs of a cluster that sees the same files",
        HelpName = "local:N|slurm",
        CustomParser = result =>
        {
            string word = result.Tokens[0].Value;
            if (word != Slurm && Processes(word) is null)
            {
                result.AddError($"--on '{word}': expected slurm, or local:N with N from 1 to {MostProcesses}");
            }

            return word;
        },
    };

    private readonly Option<int?> shards = CommonOptions.WholeNumber("--shards", $"Shards of such a stage; by default four for each process, or {SlurmShards} on slurm", 1);

    private readonly Option<string?> partition = new("--partition") { Description = "Of the cluster, with --on slurm", HelpName = "name" };

    private readonly Option<string?> sbatch = new("--sbatch")
    {
        Description = "More options of every job, with --on slurm: \"-c 8 -t 2:00:00\"",
        HelpName = "options",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(on);
        command.Add(shards);
        command.Add(partition);
        command.Add(sbatch);
    }

    /// <summary>Plans the shards of a stage, and gives what has others do them; null where this process does all.</summary>
    public Func<PipelineStage, Action>? Read(ParseResult arguments, PipelineFile file, StageCatalog catalog, Terminal terminal)
    {
        string? word = arguments.GetValue(on);
        foreach (Option option in (Option[])[.. word is null ? [shards] : Array.Empty<Option>(), .. word != Slurm ? [partition, sbatch] : Array.Empty<Option>()])
        {
            if (arguments.GetResult(option) is not null)
            {
                throw new ArgumentException($"{option.Name}: others do the work only with --on{(option == shards ? string.Empty : " slurm")}");
            }
        }

        return word is null ? null : stage =>
        {
            StageReporter reporter = new(terminal);
            int? count = Processes(word);
            ShardPlan plan = ShardPlanning.Make(file, stage.Name, arguments.GetValue(shards) ?? (4 * count ?? SlurmShards), reporter, terminal.Time);
            ShardWork work = new(plan, catalog, reporter, terminal.Time);
            string[] submission = [.. arguments.GetValue(partition) is { } name ? ["--partition", name] : Array.Empty<string>(), .. (arguments.GetValue(sbatch) ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries)];
            return () =>
            {
                if (count is { } processes)
                {
                    using LocalWorkers workers = new(processes, terminal);
                    workers.Run(plan, work);
                }
                else
                {
                    new SlurmWorkers(submission, terminal).Run(plan, work);
                }
            };
        };
    }

    private static int? Processes(string word) =>
        word.StartsWith(Local, StringComparison.Ordinal) && int.TryParse(word[Local.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is > 0 and <= MostProcesses
            ? count
            : null;
}
