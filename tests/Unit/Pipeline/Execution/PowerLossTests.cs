using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.Pipeline.Artifacts;

namespace AdaptiveKv.Unit.Pipeline.Execution;

/// <summary>
/// A kill or a power failure at any moment of a run: after every operation on the disk and in the middle of every write, with every choice of what was not flushed
/// (all of them up to four, else none, all, each alone and each missing). What is listed is readable, what was committed is not lost, and the next run ends in the same bytes.
/// </summary>
public sealed class PowerLossTests(ITestOutputHelper output)
{
    private const int RowsPerSegment = 5;
    private const int MostChoices = 4;

    [Theory]
    [InlineData("")]
    [InlineData("seed=7")]
    public void NothingThatWasCommittedIsLost(string before)
    {
        OrderShim.Require();
        string[] earlier = before.Length == 0 ? [] : [before];
        using DemoPipeline whole = new();
        CrashTests.Prepare(whole, earlier);
        LossyDisk disk = new(whole.Root);
        DiskOperation[] operations = [.. OrderShim.Operations(whole).Where(operation => IsKept(operation.Path))];
        SortedDictionary<string, string> expected = whole.Tree();

        // Each state of the disk once, with the least that was committed when it came to be.
        Dictionary<string, (SortedDictionary<string, byte[]> Files, int Moment, int Rows)> states = [];
        int moments = 0, progress = 0, rows = 0;
        foreach (DiskOperation operation in operations)
        {
            if (operation.Verb == "write")
            {
                Add(disk.Torn(operation));
            }

            disk.Do(operation);
            progress += operation is { Verb: "rename" } && operation.Other.EndsWith(".progress.json", StringComparison.Ordinal) ? 1 : 0;
            rows = operation.Verb == "fsync" && operation.Path.EndsWith("rows", StringComparison.Ordinal) ? progress * RowsPerSegment : rows;
            moments++;
            foreach (Func<int, bool> choice in Choices(disk.Pending))
            {
                Add(disk.After(choice));
            }
        }

        Assert.InRange(states.Count, 50, 2000);
        Parallel.ForEach(states.Values, new ParallelOptions { MaxDegreeOfParallelism = 2 }, state => Check(whole.Root, state.Files, state.Rows, expected, $"after operation {state.Moment} of {moments}"));
        output.WriteLine($"{moments} operations, {states.Count} states of the disk: 0 lost, 0 unreadable");

        void Add(SortedDictionary<string, byte[]> files) => states.TryAdd(Word(files), (files, moments, rows));
    }

    private static void Check(string root, SortedDictionary<string, byte[]> files, int rows, SortedDictionary<string, string> expected, string when)
    {
        using DemoPipeline demo = new();
        foreach ((string file, byte[] content) in files)
        {
            string path = demo[Path.GetRelativePath(root, file)];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }

        int kept = CrashTests.EverythingListedIsWhole(demo);
        bool published = Manifest.TryRead(demo["artifacts/demo/collect/manifest.json"]) is not null;
        Assert.True(published || kept >= rows, $"{when}: {rows} rows were committed, {kept} are there");
        CrashTests.CheckResume(demo, kept, expected, when);
    }

    private static IEnumerable<Func<int, bool>> Choices(int pending) => pending <= MostChoices
        ? Enumerable.Range(0, 1 << pending).Select(mask => (Func<int, bool>)(index => (mask >> index & 1) == 1))
        : Enumerable.Range(0, pending).SelectMany(one => (Func<int, bool>[])[index => index == one, index => index != one]).Concat([_ => false, _ => true]);

    // Locks, holders and remembered hashes are for processes that live; the store of runs has links in place of files.
    private static bool IsKept(string path) => !path.Contains("/.store/", StringComparison.Ordinal) && Path.GetFileName(path) is not (".lock" or ".holder" or ".hashes.json" or ".tmp..hashes.json");

    private static string Word(SortedDictionary<string, byte[]> files) => Convert.ToHexString(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{file.Key} {Convert.ToHexString(SHA256.HashData(file.Value))}\n")))));
}
