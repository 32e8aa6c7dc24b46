using System.Diagnostics;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Pipeline.Execution;

/// <summary>A stage that runs alone, in a folder that is the user's own, killed or out of disk at any of its writes.</summary>
public sealed class LoneStageTests
{
    private const int Killed = 128 + 9;
    private const int InputOutput = 74;

    [Theory]
    [InlineData("torn")]
    [InlineData("enospc")]
    public void EveryWriteCanBeTheLast(string mode)
    {
        CrashShim.Require();
        using TemporaryFolder whole = Prepare();
        string count = Path.Combine(whole.Path, "..", $"{Path.GetFileName(whole.Path)}.count");
        Assert.Equal(0, Run(whole, CrashShim.Environment(whole.Path, "kill", 0, count)).Code);
        int writes = int.Parse(File.ReadAllText(count), System.Globalization.CultureInfo.InvariantCulture);
        File.Delete(count);
        SortedDictionary<string, string> expected = Tree(whole);
        Assert.InRange(writes, 10, 60);

        Parallel.ForEach(CrashShim.Writes(writes, 8), new ParallelOptions { MaxDegreeOfParallelism = 2 }, at =>
        {
            using TemporaryFolder folder = Prepare();
            (int code, _, string error) = Run(folder, CrashShim.Environment(folder.Path, mode, at));
            Assert.True(code == (mode == "enospc" ? InputOutput : Killed), $"write {at} of {writes}: exit code {code}: {error}");
            string progress = folder["rows/.progress.json"];
            int kept = File.Exists(progress) ? Manifest.Read(progress).Entries.Count : 0;
            bool published = File.Exists(folder["manifest.json"]);
            Assert.True(!published || File.Exists(folder["rows/.tmp.manifest.json"]) || ArtifactReader.Open(folder["rows"]).Count == 4, $"write {at} of {writes}");

            Assert.Equal(0, Run(folder, new Dictionary<string, string>()).Code);
            Assert.True(expected.SequenceEqual(Tree(folder)), $"after {mode} at write {at} of {writes}, with {kept} segments kept, the tree differs");
        });
    }

    [Fact]
    public void TheSameFolderServesOneStageAtATime()
    {
        using TemporaryFolder folder = Prepare();
        using FileLock held = FileLock.Acquire(folder.Path, "a test", TimeSpan.Zero);

        (int code, _, string error) = Run(folder, new Dictionary<string, string>());

        Assert.Equal(75, code);
        Assert.Contains($"a stage with outs in {folder.Path} is being run by process {Environment.ProcessId}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void ASignalKeepsWholeSegments()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs POSIX signals");
        using TemporaryFolder folder = Prepare();
        using TemporaryFolder whole = Prepare();
        string[] slowly = ["--delay-ms", "100"];
        using Process child = Child.Start(new Dictionary<string, string>(), [.. Arguments(folder), .. slowly]);
        Signals.RequireHeard(child, "INT");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(folder["rows/.progress.json"]), TimeSpan.FromMinutes(1)), "no segment was committed");

        Process.Start("kill", ["-INT", $"{child.Id}"]).WaitForExit();
        (int code, _, string error) = Child.End(child);

        Assert.Equal(130, code);
        Assert.EndsWith("error: cancelled\n", error, StringComparison.Ordinal);
        Assert.Equal(0, Run(folder, new Dictionary<string, string>(), slowly).Code);
        Assert.Equal(0, Run(whole, new Dictionary<string, string>(), slowly).Code);
        Assert.Equal(Tree(whole), Tree(folder));
    }

    // Files that look like leftovers and are not ours.
    private static TemporaryFolder Prepare()
    {
        TemporaryFolder folder = new();
        File.WriteAllText(folder["data.txt"], "some text\n");
        File.WriteAllText(folder[".tmp.mine"], "keep");
        return folder;
    }

    private static string[] Arguments(TemporaryFolder folder) =>
        ["rows", "--source", folder["data.txt"], "--rows", folder["rows"], "--items", "20", "--per-segment", "5"];

    private static (int Code, string Output, string Error) Run(TemporaryFolder folder, Dictionary<string, string> environment, params string[] more)
    {
        using Process child = Child.Start(environment, [.. Arguments(folder), .. more]);
        return Child.End(child);
    }

    private static SortedDictionary<string, string> Tree(TemporaryFolder folder) => new(
        Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path) is not (".lock" or ".holder"))
            .ToDictionary(path => Path.GetRelativePath(folder.Path, path), path => Convert.ToHexString(File.ReadAllBytes(path))),
        StringComparer.Ordinal);
}
