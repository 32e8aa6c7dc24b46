using System.Diagnostics;
using AdaptiveKv.FakePipeline;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Pipeline.Runs;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Pipeline.Execution;

namespace AdaptiveKv.Unit.Pipeline.Runs;

/// <summary>Runs under names: what one made is not made again, comes back as it was, and goes when no name holds it.</summary>
public sealed class KeptRunTests : IDisposable
{
    private const int Killed = 128 + 9;

    private static readonly string[] AllStages = ["collect", "dataset", "train", "evaluate"];

    private readonly DemoPipeline demo = new();

    public void Dispose() => demo.Dispose();

    [Fact]
    public void BackToARunAndToAnotherNothingRuns()
    {
        Assert.Equal(AllStages, demo.Keep("a").Ran);
        SortedDictionary<string, string> first = demo.Tree();
        Assert.Equal(["train", "evaluate"], demo.Keep("b", "train.lr=3e-4").Ran);
        SortedDictionary<string, string> second = demo.Tree();

        RunSummary back = demo.Keep("a");
        Assert.Empty(back.Ran);
        Assert.Equal(["train", "evaluate"], back.Restored);
        Assert.Equal(["collect", "dataset"], back.Unchanged);
        Assert.Contains("train: param lr changed 0.0003 -> 0.001: restored from run 'a'", demo.Notes);
        Assert.Equal(first, demo.Tree());
        Assert.Empty(demo.Keep("b", "train.lr=3e-4").Ran);
        Assert.Equal(second, demo.Tree());

        // Segments come back, too, and so does what was deleted.
        Assert.Equal(AllStages, demo.Keep("c", "seed=7").Ran);
        Directory.Delete(demo["artifacts/demo"], recursive: true);
        Assert.Equal(AllStages, demo.Keep("a").Restored);
        Assert.Equal(first, demo.Tree());
    }

    [Fact]
    public void StatusSaysWhatWouldBeRestored()
    {
        demo.Keep("a");
        demo.Keep("b", "train.lr=3e-4");

        Assert.Equal([null, null, "a", "a"], demo.Status().Select(state => state.KeptBy));
        Assert.Equal(["param lr changed 0.0003 -> 0.001"], demo.Status()[2].Reasons);
    }

    [Fact]
    public void ARunWithoutANameGetsOneByItsValues()
    {
        demo.Keep(null);
        demo.Keep(null, "train.lr=3e-4", "train.layers=[4, 8]");
        demo.Keep(null, "train.lr=0.0003", "train.layers=[4, 8]");
        File.WriteAllText(demo["data.txt"], "another text\n");
        demo.Keep(null);

        Assert.Equal(["default", "default-2", "train.lr=3e-4,train.layers=4,8"], demo.Store.Runs.Select(run => run.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("b", "run 'b' is kept already, with other inputs (-S train.lr=3e-4): choose another name, or forget it with 'akv runs remove b'")]
    [InlineData("../b", "'../b' cannot name a run: expected up to 100 letters, digits and any of . _ = , @ + -, not starting with '.' or '-'")]
    public void ANameOfOtherInputsIsRefusedBeforeAnythingRuns(string name, string message)
    {
        demo.Keep("b", "train.lr=3e-4");
        SortedDictionary<string, string> before = demo.Tree();

        Assert.Equal(message, Assert.Throws<ArgumentException>(() => demo.Keep(name, "train.lr=0.1")).Message);
        Assert.Equal(before, demo.Tree());
    }

    [Fact]
    public void ARunIsBroughtBackWhole()
    {
        demo.Keep("a");
        SortedDictionary<string, string> first = demo.Tree();
        demo.Keep("b", "seed=7", "train.lr=3e-4");
        SortedDictionary<string, string> second = demo.Tree();

        Assert.Equal(AllStages, RunRestoration.Restore(demo.Read(), demo.Store["a"], demo.Store));
        Assert.Equal(first, demo.Tree());
        Assert.Equal(AllStages, demo.Run().Unchanged);
        Assert.Equal([true, false], demo.Store.Runs.Select(run => RunRestoration.IsInPlace(demo.Read(), run)));
        RunRestoration.Restore(demo.Read(), demo.Store["b"], demo.Store);
        Assert.Equal(second, demo.Tree());
        Assert.Equal("no run is called 'aa'; did you mean 'a'?; 'akv runs list' shows them", Assert.Throws<ArgumentException>(() => demo.Store["aa"]).Message);
    }

    [Fact]
    public void WhatWasEditedInPlaceIsNeverTakenForWhatWasKept()
    {
        demo.Keep("a");
        SortedDictionary<string, string> first = demo.Tree();
        string model = demo["artifacts/demo/train/model.txt"];
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(model, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.AppendAllText(model, "edited\n");
        KeptRun run = demo.Store["a"];
        if (Record.Exception(() => RunRestoration.Restore(demo.Read(), run, demo.Store)) is { } damaged)
        {
            Assert.StartsWith("run 'a': model.txt is not as it was kept", Assert.IsType<InvalidDataException>(damaged).Message, StringComparison.Ordinal);
        }

        demo.Keep("a");
        Assert.Equal(first, demo.Tree());
        File.Delete(model);
        Assert.Equal(["train"], demo.Keep("a").Restored);
        Assert.Equal(first, demo.Tree());
    }

    [Fact]
    public void CleaningFreesWhatNoRunNamesAndNothingElse()
    {
        demo.Keep("a");
        demo.Keep("b", "train.lr=3e-4");
        Assert.Equal((0, 0L), demo.Store.Clean());
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(Content().First())!, ".tmp.left"), "by a killed process");
        Assert.Equal((1, 19L), demo.Store.Clean());

        demo.Store.Remove("a");
        // Of the stages of 'a' alone: a model, a curve, metrics.
        Assert.Equal(3, demo.Store.Clean().Files);
        Assert.Equal(Named(demo.Store.Runs), Content().Select(Path.GetFileName).Order());
        Assert.Equal(["collect", "dataset"], demo.Keep(null).Unchanged);
        demo.Store.Remove("b");
        demo.Store.Remove("default");
        demo.Store.Clean();
        Assert.Empty(Content());
        Assert.Equal(AllStages, demo.Run().Unchanged);
    }

    [Fact]
    public void EveryChangedBitOfARecordIsNoticed()
    {
        demo.Keep("a");
        string record = demo["artifacts/.store/runs/demo/a.json"];
        byte[] whole = File.ReadAllBytes(record);
        for (int bit = 0; bit < 8 * whole.Length; bit += 61)
        {
            byte[] damaged = [.. whole];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(record, damaged);
            Assert.StartsWith($"{record}: not the record of a run (", Assert.Throws<InvalidDataException>(() => demo.Store["a"]).Message, StringComparison.Ordinal);
        }

        File.WriteAllBytes(record, whole);
        Assert.Equal("a", demo.Store["a"].Name);
    }

    [Fact]
    public void ARecordWithoutEndIsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "makes a FIFO");
        demo.Keep("a");
        string record = demo["artifacts/.store/runs/demo/a.json"];
        File.Delete(record);
        Process.Start("mkfifo", [record]).WaitForExit();

        Assert.StartsWith($"{record}: not the record of a run (", Assert.Throws<InvalidDataException>(() => demo.Store["a"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADamagedRecordStopsCleaningAndNoRun()
    {
        demo.Keep("a");
        string record = demo["artifacts/.store/runs/demo/a.json"];
        File.WriteAllText(record, "{}");

        Assert.StartsWith($"{record}: not the record of a run (", Assert.Throws<InvalidDataException>(() => demo.Store.Clean()).Message, StringComparison.Ordinal);
        Assert.Equal(AllStages, demo.Keep(null).Unchanged);
        Assert.Contains(demo.Notes, note => note.StartsWith(record, StringComparison.Ordinal));
        demo.Store.Remove("a");
        Assert.Equal((0, 0L), demo.Store.Clean());
    }

    [Fact]
    public void RunsDifferInInputsAndMetrics()
    {
        demo.Keep("a");
        File.WriteAllText(demo["data.txt"], "another text\n");
        demo.Keep("b", "train.lr=3e-4");
        KeptRun old = demo.Store["a"], @new = demo.Store["b"];

        Assert.Equal(["collect.source", "train.lr"], RunInputs.Between(old, @new).Select(input => input.Name));
        Assert.Equal(("train.lr", "0.001", "0.0003"), RunInputs.Between(old, @new)[1]);
        IReadOnlyList<MetricChange> changes = MetricChange.Between(RunMetrics.Of(old, demo.Store, demo.Catalog), RunMetrics.Of(@new, demo.Store, demo.Catalog));
        Assert.Equal(["evaluate.policies.static.accuracy", "evaluate.policies.static.loss"], changes.Where(change => change.IsChanged).Select(change => change.Path));
    }

    /// <summary>Killed or out of disk at any write: what is named is whole, the run is completed, cleaning takes leftovers only; few of the writes, with AKV_SLOW=1 all.</summary>
    [Theory]
    [InlineData("kill")]
    [InlineData("torn")]
    [InlineData("enospc")]
    public void EveryWriteCanBeTheLast(string mode)
    {
        CrashShim.Require();
        string[] values = ["-S", "seed=7", "-S", "train.lr=3e-4"];
        using DemoPipeline whole = new();
        whole.Keep("a");
        string count = Path.GetTempFileName();
        using (Process child = Child.Start(whole, CrashShim.Environment(whole.Root, "kill", 0, count), ["run", "--name", "b", .. values]))
        {
            Assert.Equal(0, Child.End(child).Code);
        }

        SortedDictionary<string, string> expected = whole.Tree();
        int writes = int.Parse(File.ReadAllText(count), System.Globalization.CultureInfo.InvariantCulture);
        bool isSlow = Environment.GetEnvironmentVariable("AKV_SLOW") == "1";
        int step = isSlow ? 1 : mode == "torn" ? 29 : 14;
        Parallel.ForEach(Enumerable.Range(1, writes).Where(at => at % step == 0), new ParallelOptions { MaxDegreeOfParallelism = 2 }, at =>
        {
            using DemoPipeline killed = new();
            killed.Keep("a");
            using Process child = Child.Start(killed, CrashShim.Environment(killed.Root, mode, at), ["run", "--name", "b", .. values]);
            (int code, _, string error) = Child.End(child);
            Assert.True(code is Killed or 74 or 0, $"{mode} at write {at} of {writes}: exit code {code}: {error}");

            CheckStore(killed, $"after {mode} at write {at} of {writes}");
            int rows = FakeStages.RowsMadeHere;
            bool wasKept = killed.Store.Runs.Any(run => run.Name == "b" && run.Stages.ContainsKey("collect"));
            killed.Keep("b", "seed=7", "train.lr=3e-4");
            Assert.True(!wasKept || FakeStages.RowsMadeHere == rows, $"{mode} at write {at}: rows that were kept were made again");
            Assert.Equal(expected, killed.Tree());
            CheckStore(killed, $"at the end, after {mode} at write {at} of {writes}");
            Assert.Equal(AllStages, killed.Keep("a").Restored);
        });
    }

    // What runs name is there and whole before and after a cleaning, which leaves nothing else.
    private static void CheckStore(DemoPipeline demo, string when)
    {
        demo.Store.Clean();
        Dictionary<string, string> content = Directory.GetFiles(demo["artifacts/.store/content"], "*", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetFileName(Path.GetDirectoryName(path)!) + Path.GetFileName(path), FileHash.Of);
        Assert.All(content, file => Assert.True(file.Key == file.Value, $"{when}: {file.Key} is not whole"));
        Assert.True(Named(demo.Store.Runs).SequenceEqual(content.Keys.Select(hash => hash[2..]).Order()), $"{when}: not what the runs name");
    }

    private static IEnumerable<string> Named(IEnumerable<KeptRun> runs) =>
        runs.SelectMany(run => run.Stages.Values).SelectMany(stage => stage.Files).Select(file => file.Sha256[2..]).Distinct().Order();

    private string[] Content() => Directory.GetFiles(demo["artifacts/.store/content"], "*", SearchOption.AllDirectories);
}
