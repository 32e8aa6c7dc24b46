using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.FakePipeline;
using AdaptiveKv.Unit.Pipeline;
using k8s;
using k8s.Models;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary>What a user sees of <c>akv shard</c>, over the fake stages.</summary>
public sealed class ShardCommandTests : IDisposable
{
    private readonly DemoPipeline demo = new();

    public void Dispose() => demo.Dispose();

    [Fact]
    public void FromPlanToMerge()
    {
        string plan = Plan().Output.TrimEnd();
        Assert.Equal("collect: 0 of 4 shards done, 0 of 4 segments\nmissing: 0-3\n", Run(ExitCode.Done, "shard", "status", "--plan", plan).Output);
        Run(ExitCode.Done, "shard", "run", "--plan", plan, "--index", "1");
        Assert.Equal("collect: 1 of 4 shards done, 1 of 4 segments\nmissing: 0,2-3\n", Run(ExitCode.Done, "shard", "status", "--plan", plan).Output);
        Assert.Contains("3 of 4 shards are missing or damaged: 0,2-3", Assert.Single(Run(ExitCode.Interrupted, "shard", "merge", "--plan", plan).Lines), StringComparison.Ordinal);
        foreach (string shard in (string[])["0", "2", "3"])
        {
            Run(ExitCode.Done, "shard", "run", "--plan", plan, "--index", shard);
        }

        Assert.Contains("collect: shard 3 is done already", Run(ExitCode.Done, "shard", "run", "--plan", plan, "--index", "3").Lines);
        Assert.EndsWith("nothing is missing: akv shard merge\n", Run(ExitCode.Done, "shard", "status", "--plan", plan).Output, StringComparison.Ordinal);
        Assert.Contains("collect: merged 4 shards", Run(ExitCode.Done, "shard", "merge", "--plan", plan).Lines);
        Assert.Contains("it was merged already, or never made", Assert.Single(Run(ExitCode.MissingInput, "shard", "run", "--plan", plan, "--index", "3").Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SLURM_ARRAY_TASK_ID", "2", 2)]
    [InlineData("JOB_COMPLETION_INDEX", "0", 0)]
    [InlineData("PARALLEL_SEQ", "1", 0)]
    [InlineData("PARALLEL_SEQ", "0", null)]
    [InlineData("SLURM_ARRAY_TASK_ID", "4", null)]
    [InlineData("SLURM_ARRAY_TASK_ID", "x", null)]
    [InlineData("AKV_NOTHING", "1", null)]
    public void TheSchedulerSaysWhichShard(string variable, string value, int? shard)
    {
        string plan = Plan().Output.TrimEnd();
        using System.Diagnostics.Process child = AdaptiveKv.Unit.Pipeline.Execution.Child.Start(new Dictionary<string, string> { [variable] = value }, "shard", "run", "--plan", plan);

        (int code, _, string error) = AdaptiveKv.Unit.Pipeline.Execution.Child.End(child);

        Assert.Equal(shard is null ? ExitCode.Usage : ExitCode.Done, code);
        Assert.Contains(shard is null ? "error: " : $"wrote shard {shard} of 4", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run --on slum", "expected slurm, or local:N")]
    [InlineData("run --on local:0", "expected slurm, or local:N")]
    [InlineData("run --shards 4", "--shards: others do the work only with --on")]
    [InlineData("run --on local:2 --partition x", "--partition: others do the work only with --on slurm")]
    [InlineData("shard plan train --shards 2", "does not work item by item")]
    [InlineData("shard plan collect --shards 0", "--shards '0': expected a whole number of at least 1")]
    public void WrongOptionsAreRefused(string line, string problem) =>
        Assert.Contains(problem, Assert.Single(Run(ExitCode.Usage, [.. line.Split(' '), "--pipeline", demo.YamlPath]).Lines), StringComparison.Ordinal);

    [Fact]
    public void TheManifestIsAnIndexedJobOfKubernetes()
    {
        string text = Plan("--manifest", "kubernetes").Output;

        // By the types that are generated from Kubernetes' own schema: no field that it does not have.
        V1Job job = KubernetesYaml.Deserialize<V1Job>(text, strict: true);
        string plan = Directory.GetFiles(demo["artifacts"], "plan.json", SearchOption.AllDirectories).Single();
        V1Container container = Assert.Single(job.Spec.Template.Spec.Containers);
        Assert.Equal(["shard", "run", "--plan", plan], container.Args);
        Assert.Equal(demo.Root, Assert.Single(container.VolumeMounts).MountPath);
        Assert.Equal(("Indexed", 4, 4), (job.Spec.CompletionMode, job.Spec.Completions, job.Spec.Parallelism));
        // What its server demands beside the schema: rules for exit codes need pods that are never started again, those for an index a limit of its own.
        Assert.Equal(("Never", 3), (job.Spec.Template.Spec.RestartPolicy, job.Spec.BackoffLimitPerIndex));
        Assert.All(job.Spec.PodFailurePolicy.Rules, rule => Assert.Contains(rule.Action, (string[])["Ignore", "FailIndex"]));
        Assert.All(job.Spec.PodFailurePolicy.Rules.Where(rule => rule.OnExitCodes is not null), rule => Assert.Equal(rule.OnExitCodes.Values.Order().Distinct(), rule.OnExitCodes.Values));
    }

    private (string Output, string[] Lines) Plan(params string[] more) => Run(ExitCode.Done, ["shard", "plan", "collect", "--shards", "4", "--pipeline", demo.YamlPath, .. more]);

    private static (string Output, string[] Lines) Run(int expected, params string[] arguments)
    {
        using TestTerminal terminal = new();
        int code = CommandLine.Run(arguments, terminal.Terminal, [PipelineRunCommand.Create(terminal.Terminal, FakeStages.Catalog), ShardCommand.Create(terminal.Terminal, FakeStages.Catalog)]);
        Assert.True(code == expected, $"exit code {code} instead of {expected}: {string.Join('\n', terminal.ErrorLines)}");
        return (terminal.Output, terminal.ErrorLines);
    }
}
