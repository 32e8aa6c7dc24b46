using System.Diagnostics;
using System.Globalization;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>Stages in shards, by processes and on a real Slurm of two nodes, end in the bytes of one process, whatever befalls them.</summary>
public sealed class ShardTests(ITestOutputHelper report) : IDisposable
{
    private static readonly bool IsSlow = Environment.GetEnvironmentVariable("AKV_SLOW") == "1";
    private static readonly int Shards = IsSlow ? 64 : 4;
    private static readonly Dictionary<string, string> Plain = [];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(IsSlow ? 20 : 3);

    private readonly PipelineFolder whole = new();
    private readonly PipelineFolder folder = new();

    public void Dispose()
    {
        whole.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void ProcessesCollectAndEvaluateAsOneDoes()
    {
        // Both evaluate one and the same controller.
        Run(whole, Plain, "train");
        using PipelineFolder shared = whole.Copy();
        Run(whole, Plain, "evaluate");

        Outcome collected = Run(folder, Plain, "collect", "--on", "local:2", "--shards", $"{Shards}");
        Outcome evaluated = Run(shared, Plain, "evaluate", "--on", "local:2", "--shards", $"{Shards}");

        Assert.Contains($"collect: merged {Shards} shards", collected.Error, StringComparison.Ordinal);
        Assert.Contains($"evaluate: merged {Shards} shards", evaluated.Error, StringComparison.Ordinal);
        IsTheSame(whole, shared);
        Assert.All(folder.Content(), file => Assert.True(file.Value.SequenceEqual(whole.Content()[file.Key]), $"{file.Key} differs"));
    }

    [Fact]
    public async Task AClusterWithWhateverBefallsIt()
    {
        using SlurmCluster cluster = new();
        Run(whole, Plain, "collect");
        using Process submitter = Akv.Start(cluster.Environment, Arguments(folder, ["collect", "--on", "slurm", "--shards", $"{Shards}"]));
        Task<string> error = submitter.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string plan = Until(() => Directory.Exists(folder["collect/.shards"]) ? Directory.GetDirectories(folder["collect/.shards"]).Select(path => Path.Combine(path, "plan.json")).FirstOrDefault(File.Exists) : null, "a plan");
        string name = $"akv-{Path.GetFileName(Path.GetDirectoryName(plan)!)}";
        string job = Until(() => cluster.Run("squeue", "-h", "--name", name, "-o", "%A").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(), "a job");
        Until(() => Running(cluster, name).Length > 1 ? "" : null, "two tasks that run");

        // A log that takes nothing, a shard run at once by hand, a node's daemon killed, and tasks that begin again.
        string logs = Path.Combine(Path.GetDirectoryName(plan)!, "logs");
        File.CreateSymbolicLink(Path.Combine(logs, $"{Shards - 1}.log"), "/dev/full");
        Process[] twins = [.. Running(cluster, name).Select(task => Akv.Start(Plain, "shard", "run", "--plan", plan, "--index", task))];
        foreach (string task in Running(cluster, name).Take(2))
        {
            cluster.Run("scontrol", "requeue", $"{job}_{task}");
        }

        Process.GetProcessById(cluster.Daemon("n2")).Kill();
        Assert.All(twins, twin => Assert.Equal(0, End(twin, Patience).Code));
        await submitter.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(submitter.ExitCode == 0, await error);
        report.WriteLine(await error);
        report.WriteLine(string.Join('\n', cluster.Ended.Select(line => string.Join(' ', line.Split(' ').Where(word => word.StartsWith("Job", StringComparison.Ordinal) || word.StartsWith("Node", StringComparison.Ordinal))))));
        IsTheSame(whole, folder);
    }

    [Fact]
    public void WhoeverSubmitsCanDieAtAnyMoment()
    {
        using SlurmCluster cluster = new();
        Run(whole, Plain, "collect");
        string[] arguments = Arguments(folder, ["collect", "--on", "slurm", "--shards", $"{Shards}"]);
        int kills = IsSlow ? 20 : 2;
        long start = Stopwatch.GetTimestamp();
        for (int kill = 0; kill < kills; kill++)
        {
            using Process submitter = Akv.Start(cluster.Environment, arguments);
            submitter.WaitForExit(TimeSpan.FromMilliseconds((IsSlow ? 300 : 1500) + (IsSlow ? 150 : 1000) * kill));
            submitter.Kill(entireProcessTree: true);
            submitter.WaitForExit();
        }

        (int code, string error) = End(Akv.Start(cluster.Environment, arguments), Patience);

        Assert.True(code == 0, error);
        IsTheSame(whole, folder);
        string[] tasks = [.. cluster.Ended.Where(line => line.Contains("JobState=COMPLETED", StringComparison.Ordinal)).SelectMany(line => line.Split(' ')).Where(word => word.StartsWith("ArrayTaskId=", StringComparison.Ordinal))];
        report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kills} kills in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s; {tasks.Length} tasks for {Shards} shards"));
        Assert.Equal(Enumerable.Range(0, Shards).Select(shard => $"ArrayTaskId={shard}").Order(), tasks.Order());
    }

    [Fact]
    public void TimeByWorkers()
    {
        Assert.SkipUnless(IsSlow, "takes minutes: set AKV_SLOW=1");
        foreach (int workers in (int[])[1, 2, 4])
        {
            using PipelineFolder own = new();
            Run(own, Plain, "calibrate");
            long start = Stopwatch.GetTimestamp();
            Run(own, Plain, "collect", "--on", $"local:{workers}", "--shards", "8", "-S", "collect.limit=400", "-S", "collect.samples=8");
            report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"local:{workers}: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s on {Environment.ProcessorCount} processors"));
        }
    }

    private static string[] Running(SlurmCluster cluster, string name) =>
        cluster.Run("squeue", "-h", "-r", "--name", name, "--states", "RUNNING", "-o", "%K").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static (int Code, string Error) End(Process process, TimeSpan patience)
    {
        using (process)
        {
            Task<string> error = process.StandardError.ReadToEndAsync();
            Assert.True(process.WaitForExit(patience), "did not end");
            return (process.ExitCode, error.GetAwaiter().GetResult());
        }
    }

    private static string Until(Func<string?> found, string what)
    {
        string? value = null;
        Assert.True(SpinWait.SpinUntil(() => (value = found()) is not null, Patience), $"{what} did not come");
        return value!;
    }

    private static Outcome Run(PipelineFolder folder, IReadOnlyDictionary<string, string> environment, params string[] more)
    {
        Outcome outcome = Akv.RunWith(environment, Arguments(folder, more));
        Assert.True(outcome.Code == 0, outcome.Error);
        return outcome;
    }

    private static string[] Arguments(PipelineFolder folder, string[] more) =>
    [
        "run", "--pipeline", folder.Yaml, "-S", "calibrate.tokens=256", "-S", $"collect.limit={Shards}", "-S", "collect.segment=1", "-S", "collect.samples=2",
        "-S", "train.epochs=5", "-S", $"evaluate.limit={Shards}", "-S", "evaluate.segment=1", .. more,
    ];

    private static void IsTheSame(PipelineFolder whole, PipelineFolder folder)
    {
        IReadOnlyDictionary<string, byte[]> expected = whole.Content(), actual = folder.Content();
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected.Keys, path => Assert.True(expected[path].SequenceEqual(actual[path]), $"{path} differs"));
    }
}
