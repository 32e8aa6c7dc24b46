using System.Diagnostics;
using AdaptiveKv.FakePipeline;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Pipeline.Execution;

/// <summary>A run that is killed, or whose disk fills up, at any of its writes: what is there is whole, and the next run completes it to the same bytes.</summary>
public sealed class CrashTests
{
    // The last two writes remember hashes; there are none where all files are too young for it.
    private const int LastWrites = 2;
    private const int Killed = 128 + 9;
    private const int InputOutput = 74;
    private const int Rows = 20;

    // PowerLossTests replays what every write leaves behind; here a real process meets its end at a few.
    private const int Step = 16;

    // The last write of a run remembers hashes: where that fails, they are found out again; and there is none where all files are too young for it.
    private const int Done = 0;

    [Theory]
    [InlineData("kill", "")]
    [InlineData("torn", "")]
    [InlineData("enospc", "")]
    [InlineData("kill", "seed=7")]
    public void EveryWriteCanBeTheLast(string mode, string before)
    {
        CrashShim.Require();
        string[] earlier = before.Length == 0 ? [] : [before];
        using DemoPipeline whole = new();
        Prepare(whole, earlier);
        SortedDictionary<string, string> old = whole.Tree();
        int writes = CountWrites(whole);
        SortedDictionary<string, string> expected = whole.Tree();
        Assert.InRange(writes, 40, 100);

        Parallel.ForEach(CrashShim.Writes(writes, Step), new ParallelOptions { MaxDegreeOfParallelism = 2 }, at =>
        {
            using DemoPipeline demo = new();
            Prepare(demo, earlier);
            Assert.Equal(old, demo.Tree());
            using Process child = Child.Start(demo, CrashShim.Environment(demo.Root, mode, at), "run");
            (int code, _, string error) = Child.End(child);
            Assert.True(code == (mode == "enospc" ? InputOutput : Killed) || (code == Done && at > writes - LastWrites), $"write {at} of {writes}: exit code {code}: {error}");
            if (mode == "enospc" && code != Done)
            {
                Assert.StartsWith("error: disk full: ", error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
            }

            int kept = EverythingListedIsWhole(demo);
            CheckResume(demo, kept, expected, $"after {mode} at write {at} of {writes}");
        });
    }

    internal static void Prepare(DemoPipeline demo, string[] overrides)
    {
        if (overrides.Length > 0)
        {
            demo.Run(overrides);
        }
    }

    private static int CountWrites(DemoPipeline demo)
    {
        string count = Path.GetTempFileName();
        using Process child = Child.Start(demo, CrashShim.Environment(demo.Root, "kill", 0, count), "run");
        Assert.Equal(0, Child.End(child).Code);
        int writes = int.Parse(File.ReadAllText(count), System.Globalization.CultureInfo.InvariantCulture);
        File.Delete(count);
        return writes;
    }

    // Returns the rows in committed segments of the unfinished run.
    internal static int EverythingListedIsWhole(DemoPipeline demo)
    {
        if (!Directory.Exists(demo["artifacts"]))
        {
            return 0;
        }

        foreach (string manifest in Directory.GetFiles(demo["artifacts"], "*.json", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) is Manifest.FileName or ".progress.json"))
        {
            string folder = Path.GetDirectoryName(manifest)!;
            foreach (ManifestEntry entry in Manifest.Read(manifest).Entries)
            {
                string path = Path.Combine(folder, entry.Path);
                bool pending = File.Exists(DurableFile.TemporaryOf(path)) && FileHash.Of(DurableFile.TemporaryOf(path)) == entry.Sha256;
                Assert.True(pending || FileHash.Of(path) == entry.Sha256, $"{path} is not what {manifest} lists");
            }
        }

        foreach (string segment in Directory.GetFiles(demo["artifacts"], "00????-*", SearchOption.AllDirectories))
        {
            Assert.Equal(Path.GetFileNameWithoutExtension(segment)["000000-".Length..], FileHash.Of(segment)[..12]);
        }

        string progress = demo["artifacts/demo/collect/rows/.progress.json"];
        return File.Exists(progress) ? Manifest.Read(progress).Entries.Sum(entry => File.ReadAllLines(Path.Combine(Path.GetDirectoryName(progress)!, entry.Path)).Length) : 0;
    }

    internal static void CheckResume(DemoPipeline demo, int kept, SortedDictionary<string, string> expected, string when)
    {
        int before = FakeStages.RowsMadeHere;
        bool collected = demo.Run().Ran.Contains("collect");

        Assert.True(FakeStages.RowsMadeHere - before == (collected ? Rows - kept : 0), $"{when}: {FakeStages.RowsMadeHere - before} rows were made, though {kept} of {Rows} were committed");
        Assert.True(expected.SequenceEqual(demo.Tree()), $"{when}: {string.Join(", ", expected.Except(demo.Tree()).Concat(demo.Tree().Except(expected)).Select(file => file.Key).Distinct())} differ");
    }
}
