using System.Diagnostics;
using System.Globalization;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>
/// Stages in shards, by processes and on a real Slurm of two nodes, end in the bytes of one process, whatever befalls them. A few shards and moments; with AKV_SLOW=1
/// 64 shards and 20 moments.
/// </summary>
public sealed class ShardTests(SlurmCluster cluster, ShardedFolder whole, ITestOutputHelper report) : IClassFixture<SlurmCluster>, IClassFixture<ShardedFolder>
{
    private const string NeedsMinutes = "takes minutes: set AKV_SLOW=1";
    private const string EndedWell = "JobState=COMPLETED";

    private static readonly bool IsSlow = Environment.GetEnvironmentVariable("AKV_SLOW") == "1";
    private static readonly Dictionary<string, string> Plain = [];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(IsSlow ? 30 : 3);

    [Theory]
    [InlineData("collect")]
    [InlineData("evaluate")]
    public void ProcessesDoWhatOneDoes(string stage)
    {
        using PipelineFolder folder = whole.Without(stage);
        int shards = IsSlow ? 64 : 2;
        using Process run = Akv.Start(ShardedFolder.Arguments(folder, stage, "--on", "local:2", "--shards", $"{shards}"));
        string plan = Plan(folder, stage);
        if (IsSlow)
        {
            // A worker is killed, and what another does is done twice at once.
            using Process twin = Akv.Start("shard", "run", "--plan", plan, "--index", "1");
            Process.GetProcessById(int.Parse(Until(() => Children(run).FirstOrDefault(), "a worker"), CultureInfo.InvariantCulture)).Kill();
            Assert.Equal(0, End(twin).Code);
        }

        (int code, string error) = End(run);

        Assert.True(code == 0, error);
        Assert.Contains($"{stage}: merged {shards} shards", error, StringComparison.Ordinal);
        Assert.True(!IsSlow || error.Contains("; trying again", StringComparison.Ordinal), error);
        whole.IsTheSame(folder);
    }

    [Theory]
    [InlineData("collect")]
    [InlineData("evaluate")]
    public void AClusterWithWhateverBefallsIt(string stage)
    {
        Assert.SkipUnless(IsSlow || stage == "collect", NeedsMinutes);
        cluster.Require();
        using PipelineFolder folder = whole.Without(stage);
        int before = cluster.Ended.Count;
        (Process submitter, string plan, string name) = Queued(folder, stage, ShardedFolder.Items);

        // A log that takes nothing, shards run at once by hand, tasks that begin again, and a node's daemon killed.
        string[] running = [];
        Until(() => (running = cluster.Tasks(name, "RUNNING")).Length > 1 ? "" : null, "two tasks that run");
        Process[] twins = [.. running.Take(IsSlow ? 2 : 1).Select(task => Akv.Start(Plain, "shard", "run", "--plan", plan, "--index", task.Split(' ')[1]))];
        Array.ForEach(running[..2], task => cluster.Run("scontrol", "requeue", task.Split(' ')[0]));
        cluster.Kill("n2");
        if (IsSlow)
        {
            Until(() => cluster.Run("sinfo", "-h", "-n", "n2", "-o", "%T").Output.StartsWith("down", StringComparison.Ordinal) ? "" : null, "the node's end");
        }

        cluster.Restart("n2");
        Assert.All(twins, twin => Assert.Equal(0, End(twin).Code));
        (int code, string error) = End(submitter);

        Assert.True(code == 0, error);
        report.WriteLine(error);
        report.WriteLine(string.Join('\n', cluster.Ended.Skip(before).Select(line => string.Join(' ', line.Split(' ').Where(word => word.StartsWith("Job", StringComparison.Ordinal) || word.StartsWith("Node", StringComparison.Ordinal))))));
        whole.IsTheSame(folder);
    }

    /// <summary>No shard that was done is done again, whenever the process that follows them dies.</summary>
    [Fact]
    public void WhoeverSubmitsCanDieAtAnyMoment()
    {
        cluster.Require();
        int shards = IsSlow ? 8 : 2, kills = IsSlow ? 20 : 1;
        TimeSpan unharmed = IsSlow ? Submitted(shards, kill: null) : TimeSpan.FromSeconds(4);
        for (int kill = 0; kill < kills; kill++)
        {
            Submitted(shards, unharmed * (kill + 0.5) / kills);
        }

        report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kills} moments of {unharmed.TotalSeconds:0.0} s: each of {shards} shards was run once"));
    }

    [Fact]
    public void CtrlCCancelsTheJobs()
    {
        cluster.Require();
        using PipelineFolder folder = whole.Without("collect");
        (Process submitter, string _, string name) = Queued(folder, "collect", 2);
        Signals.RequireHeard(submitter, "INT");

        cluster.Run("kill", "-INT", $"{submitter.Id}");

        Assert.Equal(130, End(submitter).Code);
        Until(() => cluster.Tasks($"{name},{name}-merge", "PENDING,RUNNING").Length == 0 ? "" : null, "an empty queue");
    }

    [Fact]
    public void TimeByWorkers()
    {
        Assert.SkipUnless(IsSlow, NeedsMinutes);
        report.WriteLine("| workers | seconds |");
        report.WriteLine("|---:|---:|");
        foreach (int workers in (int[])[1, 2, 4])
        {
            using PipelineFolder folder = whole.Without("collect");
            long start = Stopwatch.GetTimestamp();
            (int code, string error) = End(Akv.Start(ShardedFolder.Arguments(folder, "collect", "--on", $"local:{workers}", "--shards", "8", "-S", "collect.limit=400", "-S", "collect.samples=8")));
            Assert.True(code == 0, error);
            report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {workers} | {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} |"));
        }

        report.WriteLine($"{Environment.ProcessorCount} processors, 8 shards of 400 items");
    }

    // One run of shards, whose follower is killed at a moment and followed by another.
    private TimeSpan Submitted(int shards, TimeSpan? kill)
    {
        using PipelineFolder folder = whole.Without("collect");
        string[] arguments = OnSlurm(folder, "collect", shards);
        int before = cluster.Ended.Count;
        if (kill is { } moment)
        {
            using Process submitter = Akv.Start(cluster.Environment, arguments);
            submitter.WaitForExit(moment);
            submitter.Kill(entireProcessTree: true);
            submitter.WaitForExit();
        }

        long start = Stopwatch.GetTimestamp();
        (int code, string error) = End(Akv.Start(cluster.Environment, arguments));
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        Assert.True(code == 0, $"after a kill at {kill}: {error}");
        whole.IsTheSame(folder);
        string[] tasks = [.. cluster.Ended.Skip(before).Where(line => line.Contains(EndedWell, StringComparison.Ordinal)).SelectMany(line => line.Split(' ')).Where(word => word.StartsWith("ArrayTaskId=", StringComparison.Ordinal))];
        Assert.Equal(Enumerable.Range(0, shards).Select(shard => $"ArrayTaskId={shard}").Order(), tasks.Order());
        return time;
    }

    // Shards that all waited at once, their merge behind them; the last one's log takes nothing.
    private (Process Submitter, string Plan, string Name) Queued(PipelineFolder folder, string stage, int shards)
    {
        (Process, string, string) queued = default;
        cluster.WhileJobsWait(() =>
        {
            Process submitter = Akv.Start(cluster.Environment, OnSlurm(folder, stage, shards));
            string plan = Plan(folder, stage), name = $"akv-{Path.GetFileName(Path.GetDirectoryName(plan)!)}";
            Until(() => cluster.Tasks($"{name},{name}-merge", "PENDING").Length == shards + 1 ? "" : null, "the shards and the merge in the queue");
            File.CreateSymbolicLink(Path.Combine(Path.GetDirectoryName(plan)!, "logs", $"{shards - 1}.log"), "/dev/full");
            queued = (submitter, plan, name);
        });
        return queued;
    }

    private static string[] OnSlurm(PipelineFolder folder, string stage, int shards) => ShardedFolder.Arguments(folder, stage, "--on", "slurm", "--shards", $"{shards}");

    private static string Plan(PipelineFolder folder, string stage) => Until(
        () => Directory.Exists(folder[$"{stage}/.shards"]) ? Directory.GetDirectories(folder[$"{stage}/.shards"]).Select(path => Path.Combine(path, "plan.json")).FirstOrDefault(File.Exists) : null, "a plan");

    private static string[] Children(Process process) => File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static (int Code, string Error) End(Process process)
    {
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            Assert.True(process.WaitForExit(Patience), "did not end");
            output.Wait(TimeSpan.FromSeconds(1));
            return (process.ExitCode, error.Wait(TimeSpan.FromSeconds(5)) ? error.Result : string.Empty);
        }
    }

    private static string Until(Func<string?> found, string what)
    {
        string? value = null;
        Assert.True(SpinWait.SpinUntil(() => (value = found()) is not null, Patience), $"{what} did not come");
        return value!;
    }
}
