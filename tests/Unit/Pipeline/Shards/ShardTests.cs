using System.Diagnostics;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Shards;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Pipeline.Execution;

namespace AdaptiveKv.Unit.Pipeline.Shards;

/// <summary>A stage in shards ends in the bytes of one process, for any number of shards, in any order, however often each runs and whatever befalls it.</summary>
public sealed class ShardTests : IDisposable
{
    private const string Slow = "collect.delay_ms=60";
    private const int Killed = 128 + 9;
    private const int InputOutput = 74;

    private static readonly Dictionary<string, string> Plain = [];

    private readonly DemoPipeline demo = new();
    private readonly DemoPipeline whole = new();

    public void Dispose()
    {
        demo.Dispose();
        whole.Dispose();
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(3, 5)]
    [InlineData(4, 5)]
    [InlineData(7, 2)]
    [InlineData(64, 1)]
    public void AnyNumberInAnyOrderIsTheSame(int shards, int perSegment)
    {
        string[] size = [$"collect.per_segment={perSegment}"];
        whole.Run(size);
        ShardPlan plan = Plan(shards, size);
        Assert.Equal(Math.Min(shards, 20 / perSegment), plan.Shards);

        int[] order = [.. Enumerable.Range(0, plan.Shards).Concat(Enumerable.Range(0, plan.Shards))];
        new Random(shards).Shuffle(order);
        foreach (int shard in order)
        {
            Work(plan).Run(shard, threads: null, CancellationToken.None);
        }

        Assert.Empty(Work(plan).Missing(verify: true));
        Work(plan).Merge(CancellationToken.None);

        Assert.False(Directory.Exists(Path.GetDirectoryName(plan.Folder)));
        Assert.Equal("collect: its outs are made already; only the record of it is missing", demo.Reasons(size).First());
        Assert.DoesNotContain("collect", demo.Run(size).Ran);
        Assert.Equal(whole.Tree(), demo.Tree());
    }

    [Fact]
    public void MergeNamesWhatIsMissing()
    {
        ShardPlan plan = Plan(4);
        Work(plan).Run(1, threads: null, CancellationToken.None);

        MissingShardsException missing = Assert.Throws<MissingShardsException>(() => Work(plan).Merge(CancellationToken.None));

        Assert.StartsWith("collect: 3 of 4 shards are missing or damaged: 0,2-3: run them", missing.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(demo["artifacts/demo/collect/rows"]));
    }

    [Fact]
    public void ADamagedSegmentIsNoneAndMadeAgain()
    {
        ShardPlan plan = Plan(4);
        RunAll(plan);
        string segment = Directory.GetFiles(plan.Folder, "000002-*", SearchOption.AllDirectories).Single();
        byte[] content = File.ReadAllBytes(segment);
        File.WriteAllBytes(segment, [.. content[..^1], (byte)'!']);

        Assert.Contains(" 2: run them", Assert.Throws<MissingShardsException>(() => Work(plan).Merge(CancellationToken.None)).Message, StringComparison.Ordinal);
        Work(plan).Run(2, threads: null, CancellationToken.None);

        Assert.Equal(content, File.ReadAllBytes(segment));
        Work(plan).Merge(CancellationToken.None);
    }

    [Fact]
    public void OneShardInTwoProcessesAtOnce()
    {
        whole.Run(Slow);
        ShardPlan plan = Plan(2, Slow);
        Process[] children = [.. new[] { 0, 0, 0, 1, 1 }.Select(shard => Child.Start(Plain, "shard", "run", "--plan", plan.Path, "--index", $"{shard}"))];

        Assert.All(children, child => Assert.Equal((0, ""), Child.End(child) is var end && end.Code == 0 ? (0, "") : (end.Code, end.Error)));
        Assert.Empty(Directory.GetDirectories(plan.Folder, ".*"));
        Work(plan).Merge(CancellationToken.None);
        demo.Run(Slow);
        Assert.Equal(whole.Tree(), demo.Tree());
        children.ToList().ForEach(child => child.Dispose());
    }

    [Fact]
    public void OtherBytesOfTheSameInputsAreADefect()
    {
        ShardSegments segments = new(Directory.CreateDirectory(demo["segments"]).FullName, "inputs");
        string Write(string content)
        {
            string path = Path.Combine(Directory.CreateDirectory(demo["scratch"]).FullName, "segment.txt");
            File.WriteAllText(path, content);
            return path;
        }

        ManifestEntry first = segments.Commit(3, Write("one"), ".txt");
        Assert.Equal(first, segments.Commit(3, Write("one"), ".txt"));

        InvalidOperationException wrong = Assert.Throws<InvalidOperationException>(() => segments.Commit(3, Write("two"), ".txt"));

        Assert.Contains("another process made this segment of the same inputs with other bytes", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(first, segments.Find(3));
    }

    [Fact]
    public async Task WhoComesWhileAnotherMergesWaitsAndFindsItMade()
    {
        whole.Run();
        ShardPlan plan = Plan(4);
        RunAll(plan);
        using ManualResetEventSlim isMerging = new(), goesOn = new();
        MeddlingReporter halted = new(() =>
        {
            isMerging.Set();
            goesOn.Wait();
        });
        Task merge = Task.Run(() => new ShardWork(plan, demo.Catalog, halted, TimeProvider.System).Merge(CancellationToken.None));
        isMerging.Wait();
        Task<RunSummary> run = Task.Run(() => new PipelineRun(demo.Read(), demo, TimeProvider.System, share: stage => throw new InvalidOperationException("planned again"))
            .Run(StageSelection.All, force: false, CancellationToken.None));
        Assert.True(SpinWait.SpinUntil(() => demo.Notes.Any(note => note.StartsWith("collect: waiting for process ", StringComparison.Ordinal)), TimeSpan.FromSeconds(30)));

        goesOn.Set();

        await merge;
        Assert.DoesNotContain("collect", (await run).Ran);
        Assert.Equal(whole.Tree(), demo.Tree());
    }

    [Fact]
    public void AChangedDepIsRefused()
    {
        ShardPlan plan = Plan(4);
        File.WriteAllText(demo["data.txt"], "another text\n");

        Assert.Contains("not the file that", Assert.Throws<InvalidDataException>(() => Work(plan).Run(0, threads: null, CancellationToken.None)).Message, StringComparison.Ordinal);
        Assert.Contains("not the file that", Assert.Throws<InvalidDataException>(() => Work(plan).Merge(CancellationToken.None)).Message, StringComparison.Ordinal);
        Assert.NotEqual(plan.Id, Plan(4).Id);
    }

    [Fact]
    public void APlanIsNeverChangedAndNoBitOfItIsBelieved()
    {
        ShardPlan plan = Plan(4);
        byte[] content = File.ReadAllBytes(plan.Path);
        Assert.Equal(4, Plan(2).Shards);
        Assert.Contains(demo.Notes, note => note == "collect: 4 shards, not 2: its 20 items are 4 segments (param 'segment')");
        for (int bit = 0; bit < 8 * content.Length; bit += 37)
        {
            byte[] flipped = [.. content];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(plan.Path, flipped);
            Assert.Throws<InvalidDataException>(() => ShardPlan.Read(plan.Path));
        }
    }

    [Fact]
    public void MoreSegmentsThanCanBeLookedForAreRefused() => Assert.Equal(
        "collect: 2000000 items in segments of 1 are more than 1048576 segments: raise param 'segment'",
        Assert.Throws<ArgumentException>(() => Plan(4, "collect.items=2000000", "collect.per_segment=1")).Message);

    [Theory]
    [InlineData("kill")]
    [InlineData("torn")]
    [InlineData("enospc")]
    public void AShardThatDiesAtAnyWriteIsRunAgain(string mode)
    {
        CrashShim.Require();
        whole.Run();
        string count = demo["count"];
        ShardPlan plan = Plan(2);
        Outcome(plan, CrashShim.Environment(plan.Folder, "kill", 0, count), 0);
        int writes = int.Parse(File.ReadAllText(count), System.Globalization.CultureInfo.InvariantCulture);
        File.Delete(count);
        Assert.InRange(writes, 10, 40);
        bool isSlow = Environment.GetEnvironmentVariable("AKV_SLOW") == "1";
        foreach (int at in Enumerable.Range(1, writes).Where(at => isSlow || at % 5 == 1))
        {
            Directory.Delete(plan.Folder, recursive: true);
            plan = Plan(2);

            Outcome(plan, CrashShim.Environment(plan.Folder, mode, at), mode == "enospc" ? InputOutput : Killed);

            Assert.Equal([0, 1], Work(plan).Missing(verify: true));
            RunAll(plan);
        }

        Work(plan).Merge(CancellationToken.None);
        demo.Run();
        Assert.Equal(whole.Tree(), demo.Tree());
    }

    [Fact]
    public void AStageWithoutItemsHasNoShards() =>
        Assert.Contains("does not work item by item", Assert.Throws<ArgumentException>(() => ShardPlanning.Make(demo.Read(), "train", 2, demo, TimeProvider.System)).Message, StringComparison.Ordinal);

    [Fact]
    public void ProcessesDoWhatOneDoes()
    {
        whole.Run(Slow);
        using Process child = Child.Start(demo, Plain, "run", "-S", Slow, "--on", "local:3", "--shards", "4");

        (int code, string output, string error) = Child.End(child);

        Assert.True(code == 0, error);
        Assert.Equal("ran collect, dataset, train, evaluate\n", output);
        Assert.Contains("collect: merged 4 shards\n", error, StringComparison.Ordinal);
        Assert.Equal(whole.Tree(), demo.Tree());
        using Process again = Child.Start(demo, Plain, "run", "-S", Slow, "--on", "local:3");
        Assert.Equal("nothing to do: all 4 stages are up to date\n", Child.End(again).Output);
    }

    private static void Outcome(ShardPlan plan, IReadOnlyDictionary<string, string> environment, int expected)
    {
        using Process child = Child.Start(environment, "shard", "run", "--plan", plan.Path, "--index", "0");
        (int code, _, string error) = Child.End(child);
        Assert.True(code == expected, $"exit code {code} instead of {expected}: {error}");
    }

    private ShardPlan Plan(int shards, params string[] overrides) => ShardPlanning.Make(demo.Read(overrides), "collect", shards, demo, TimeProvider.System);

    private ShardWork Work(ShardPlan plan) => new(plan, demo.Catalog, demo, TimeProvider.System);

    private void RunAll(ShardPlan plan)
    {
        for (int shard = 0; shard < plan.Shards; shard++)
        {
            Work(plan).Run(shard, threads: null, CancellationToken.None);
        }
    }
}
