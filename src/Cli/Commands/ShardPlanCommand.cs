using System.CommandLine;
using System.Text.Json;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Shards;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv shard plan</c>: fixes what the shards of a stage are, and prints where that is written.</summary>
internal static class ShardPlanCommand
{
    private const string Kubernetes = "kubernetes";

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        PipelineOptions pipeline = new();
        Argument<string> stage = new("stage") { Description = $"A stage whose program works item by item: {string.Join(", ", catalog.Kinds.Values.Where(kind => kind.Items is not null).Select(kind => kind.Name).Order(StringComparer.Ordinal))}" };
        Option<int?> shards = CommonOptions.WholeNumber("--shards", "How many; never more than segments (param 'segment')", 1);
        shards.Required = true;
        Option<string?> manifest = new("--manifest") { Description = "Print a job for this cluster instead of the plan's path: eng/kubernetes/job.yaml, filled in", HelpName = Kubernetes };
        manifest.AcceptOnlyFromAmong(Kubernetes);
        Command command = new("plan", "Write the plan of a stage's shards, and print its path") { stage, shards, manifest };
        pipeline.AddTo(command);
        command.SetAction(arguments =>
        {
            PipelineFile file = pipeline.Read(arguments, catalog);
            ShardPlan plan = ShardPlanning.Make(file, arguments.GetRequiredValue(stage), arguments.GetValue(shards)!.Value, new StageReporter(terminal), terminal.Time);
            terminal.Output.WriteLine(arguments.GetValue(manifest) is null ? plan.Path : Job(plan, file.Root));
            return ExitCode.Done;
        });
        return command;
    }

    private static string Job(ShardPlan plan, string root)
    {
        // A text of JSON is one of YAML, whatever it holds.
        Dictionary<string, string> values = new()
        {
            ["name"] = $"akv-{plan.Id}",
            ["shards"] = $"{plan.Shards}",
            ["plan"] = JsonSerializer.Serialize(plan.Path),
            ["root"] = JsonSerializer.Serialize(root),
        };
        string template = File.ReadAllText(Path.Combine(Repository.Root, "eng", Kubernetes, "job.yaml"));
        return values.Aggregate(template, (text, value) => text.Replace($"${{{value.Key}}}", value.Value, StringComparison.Ordinal)).TrimEnd();
    }
}
