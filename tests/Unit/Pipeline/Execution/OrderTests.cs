using System.Diagnostics;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Pipeline.Execution;

/// <summary>
/// What a kill between two writes shows of the order of names and of flushes: a run that dies before any of its renames is resumed, and a power failure
/// would find every file flushed before it got its name.
/// </summary>
public sealed class OrderTests
{
    private const int Killed = 128 + 9;

    public OrderTests() => OrderShim.Require();

    [Fact]
    public void EveryRenameCanBeTheFirstThatDoesNotHappen()
    {
        string[] earlier = ["seed=7"];
        using DemoPipeline whole = new();
        CrashTests.Prepare(whole, earlier);
        // The last one, of the hashes that are remembered, happens only if a file is old enough, that is, on a busy machine.
        int renames = OrderShim.Operations(whole).Count(operation => operation.Verb == "rename" && Path.GetFileName(operation.Other) != ".hashes.json");
        SortedDictionary<string, string> expected = whole.Tree();
        Assert.InRange(renames, 20, 60);

        Parallel.ForEach(CrashShim.Writes(renames, 16), new ParallelOptions { MaxDegreeOfParallelism = 2 }, at =>
        {
            using DemoPipeline demo = new();
            CrashTests.Prepare(demo, earlier);
            using Process child = Child.Start(demo, OrderShim.Environment(demo, at, string.Empty), "run");
            Assert.Equal(Killed, Child.End(child).Code);

            int kept = CrashTests.EverythingListedIsWhole(demo);
            CrashTests.CheckResume(demo, kept, expected, $"before rename {at} of {renames}");
        });
    }

    [Fact]
    public void FilesAreFlushedBeforeTheyAreNamedAndListedBeforeTheyAreReplaced()
    {
        using DemoPipeline demo = new();
        DiskOperation[] operations = OrderShim.Operations(demo);

        // What is kept of a run has links to files that were flushed.
        foreach ((int index, (string verb, string path, string other)) in operations.Index().Where(operation => operation.Item.Verb == "rename" && !operation.Item.Other.Contains("/.store/content/", StringComparison.Ordinal)))
        {
            int written = Array.FindLastIndex(operations, index, operation => operation.Verb == "write" && operation.Path == path);
            int flushed = Array.FindLastIndex(operations, index, operation => operation.Verb == "fsync" && operation.Path == path);
            Assert.True(written >= 0 && flushed > written, $"{other}: renamed at {index}, written at {written}, flushed at {flushed}");
        }

        // An artifact's new content is listed before it takes the old one's place.
        foreach (string made in (string[])["dataset/table.txt", "train/model.txt", "evaluate/metrics.json"])
        {
            string path = demo[$"artifacts/demo/{made}"];
            int named = Array.FindIndex(operations, operation => operation.Verb == "rename" && operation.Other == path);
            int listed = Array.FindIndex(operations, operation => operation.Verb == "rename" && operation.Other == Path.Combine(Path.GetDirectoryName(path)!, "manifest.json"));
            Assert.True(listed >= 0 && listed < named, $"{made}: listed at {listed}, named at {named}");
        }
    }
}
