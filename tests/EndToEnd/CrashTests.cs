using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>
/// The stages that write tables, killed or out of disk at their k-th write: what is there is whole, nothing that was committed or
/// published is touched, and the next run ends in the bytes of an unbroken one. A spread of k; with AKV_SLOW=1 every one up to 100, in enough items that
/// collecting has as many writes.
/// </summary>
public sealed class CrashTests(ITestOutputHelper report) : IDisposable
{
    private const int Killed = 128 + 9;
    private const int InputOutput = 74;
    private const int MostWrites = 100;
    private const int SlowTorn = 10;
    private const int LastWrites = 2;
    private const string Progress = ".progress.json";

    private static readonly bool IsSlow = Environment.GetEnvironmentVariable("AKV_SLOW") == "1";

    private readonly PipelineFolder before = new();

    public void Dispose() => before.Dispose();

    [Theory]
    [InlineData("collect", 3, 2, 3)]
    [InlineData("dataset", 1, 1, 2)]
    public void TheNextRunEndsInTheBytesOfAnUnbrokenOne(string stage, int kills, int torn, int full)
    {
        CrashShim.Require();
        // What is published before is made of another seed: all of the stage's artifacts are about to be replaced.
        Assert.Equal(0, Akv.RunHere(Arguments(before, stage, $"{stage}.seed=7")).Code);
        using PipelineFolder whole = before.Copy();
        int writes = CountWrites(whole, stage);
        IReadOnlyDictionary<string, byte[]> expected = whole.Content();
        Assert.All(Tables(whole), path => Assert.Equal(0, Akv.RunHere("data", "check", path).Code));
        HashSet<string> known = [.. Tables(before).Concat(Tables(whole)).Select(Hash)];
        (string Mode, int At)[] crashes = [.. Points("kill", kills, writes), .. Points("torn", IsSlow ? SlowTorn : torn, writes), .. Points("enospc", full, writes)];
        long start = Stopwatch.GetTimestamp();

        Parallel.ForEach(crashes, new ParallelOptions { MaxDegreeOfParallelism = 2 }, crash =>
        {
            string when = $"{crash.Mode} at write {crash.At} of {writes} of {stage}";
            using PipelineFolder folder = before.Copy();
            Outcome end = Run(folder, CrashShim.Environment(folder.Root, crash.Mode, crash.At), stage);
            HasEnded(end, crash.Mode, isLast: crash.At > writes - LastWrites, when);
            Assert.All(Tables(folder), path => Assert.True(known.Contains(Hash(path)), $"{when}: {path} is no table that an unbroken run makes"));
            (string Path, DateTime Time)[] committed = [.. Committed(folder, when).Select(path => (path, File.GetLastWriteTimeUtc(path)))];

            Outcome resumed = Akv.RunHere(Arguments(folder, stage));

            Assert.True(resumed.Code == 0, $"after {when}: {resumed.Error}");
            Assert.All(committed, segment => Assert.Equal(segment.Time, File.GetLastWriteTimeUtc(segment.Path)));
            IReadOnlyDictionary<string, byte[]> actual = folder.Content();
            Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
            Assert.All(expected.Keys, path => Assert.True(expected[path].SequenceEqual(actual[path]), $"{path} differs after {when}"));
        });
        report.WriteLine($"{stage}: {writes} writes; {string.Join(", ", crashes.GroupBy(crash => crash.Mode).Select(mode => $"{mode.Key} at {mode.Count()}"))}; "
            + $"{Stopwatch.GetElapsedTime(start).TotalMinutes:0.0} minutes");
    }

    // With AKV_SLOW=1 every write up to the hundredth. Of torn ones a spread: no manifest lists half of a write any more than none of it.
    private static IEnumerable<(string Mode, int At)> Points(string mode, int points, int writes) => IsSlow && mode != "torn"
        ? Enumerable.Range(1, Math.Min(MostWrites, writes)).Select(at => (mode, at))
        : Enumerable.Range(0, points).Select(point => (mode, 1 + (((2 * point) + 1) * writes / (2 * points))));

    // The last two writes of a run remember hashes, under a lock with its holder's name: where that fails, they are found out again; and there are none where all
    // files are too young for it.
    private static void HasEnded(Outcome end, string mode, bool isLast, string when)
    {
        bool isFull = mode == "enospc";
        Assert.True(end.Code == (isFull ? InputOutput : Killed) || (isLast && end.Code == 0), $"{when}: exit code {end.Code}: {end.Error}");
        if (end.Code == InputOutput)
        {
            Assert.StartsWith("error: disk full: ", end.Error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        }
    }

    private static Outcome Run(PipelineFolder folder, IReadOnlyDictionary<string, string> environment, string stage, params string[] overrides) =>
        Akv.RunWith(environment, Arguments(folder, stage, overrides));

    private static string[] Arguments(PipelineFolder folder, string stage, params string[] overrides) =>
    [
        "run", stage, "--pipeline", folder.Yaml, "-S", "calibrate.tokens=256", "-S", $"collect.limit={(IsSlow ? 14 : 6)}", "-S", "collect.segment=1",
        "-S", "collect.samples=1", "-S", "dataset.validation=0.55", .. overrides.SelectMany(value => (string[])["-S", value]),
    ];

    private static int CountWrites(PipelineFolder folder, string stage)
    {
        string count = Path.GetTempFileName();
        Outcome end = Run(folder, CrashShim.Environment(folder.Root, "kill", 0, count), stage);
        Assert.True(end.Code == 0, end.Error);
        int writes = int.Parse(File.ReadAllText(count), CultureInfo.InvariantCulture);
        File.Delete(count);
        return writes;
    }

    private static string[] Tables(PipelineFolder folder) =>
        [.. Directory.GetFiles(folder[""], "*.parquet", SearchOption.AllDirectories).Where(path => !Path.GetFileName(path).StartsWith('.'))];

    // Whatever is listed is there, though what a manifest just replaced may still bear its private name. Returns the segments that the unfinished run has committed.
    private static List<string> Committed(PipelineFolder folder, string when)
    {
        List<string> committed = [];
        foreach (string manifest in Directory.GetFiles(folder[""], "*.json", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) is "manifest.json" or Progress))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(manifest));
            foreach (JsonElement entry in document.RootElement.GetProperty("files").EnumerateArray())
            {
                string path = Path.Combine(Path.GetDirectoryName(manifest)!, entry.GetProperty("path").GetString()!);
                string pending = Path.Combine(Path.GetDirectoryName(path)!, $".tmp.{Path.GetFileName(path)}");
                string hash = entry.GetProperty("sha256").GetString()!;
                Assert.True((File.Exists(path) && Hash(path) == hash) || (File.Exists(pending) && Hash(pending) == hash), $"{when}: {path} is not what {manifest} lists");
                if (Path.GetFileName(manifest) == Progress)
                {
                    committed.Add(path);
                }
            }
        }

        return committed;
    }

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
