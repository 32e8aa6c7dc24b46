using AdaptiveKv.FakePipeline;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Unit.Pipeline.Execution;

public sealed class PipelineRunTests : IDisposable
{
    private static readonly string[] AllStages = ["collect", "dataset", "train", "evaluate"];

    private readonly DemoPipeline demo = new();

    public void Dispose() => demo.Dispose();

    [Fact]
    public void AFirstRunRunsEverythingAndASecondNothing()
    {
        Assert.Equal(AllStages, demo.Run().Ran);
        SortedDictionary<string, string> first = demo.Tree();

        RunSummary second = demo.Run();

        Assert.Empty(second.Ran);
        Assert.Equal(AllStages, second.Unchanged);
        Assert.Equal(first, demo.Tree());
    }

    [Fact]
    public void AChangedParamRunsItsStageAndWhatFollows()
    {
        demo.Run();

        Assert.Equal(["train", "evaluate"], demo.Run("train.lr=3e-4").Ran);
        Assert.Contains("train: param lr changed 0.001 -> 0.0003", demo.Notes);
        Assert.Empty(demo.Run("train.lr=0.0003").Ran);
    }

    [Fact]
    public void AChangeThatChangesNoOutStopsThere()
    {
        demo.Run();

        // More rows in a segment are other segments with the same rows, and so the same table.
        Assert.Equal(["collect", "dataset"], demo.Run("collect.per_segment=10").Ran);
    }

    [Fact]
    public void AChangedDepRunsItsStage()
    {
        demo.Run();
        File.WriteAllText(demo["data.txt"], "some tex\n");

        Assert.Equal(AllStages, demo.Run().Ran);
        Assert.Contains(demo.Notes, note => note.StartsWith("collect: dep source changed ", StringComparison.Ordinal));
    }

    [Fact]
    public void AChangedProgramRunsItsStage()
    {
        demo.Run();
        demo.Catalog = FakeStages.Of(codeVersion: 2);

        // The model it makes is the same one: the stages after it need not run.
        Assert.Equal(["train"], demo.Run().Ran);
        Assert.Contains("train: its program changed: version 1 -> 2", demo.Notes);
    }

    [Fact]
    public void AMissingOrEditedOutIsMadeAgain()
    {
        demo.Run();
        SortedDictionary<string, string> before = demo.Tree();
        File.Delete(demo["artifacts/demo/train/curve.csv"]);
        File.AppendAllText(demo["artifacts/demo/dataset/table.txt"], "one more\n");

        Assert.Equal(["dataset", "train"], demo.Run().Ran);
        Assert.Contains("dataset: out table is not as the stage made it: artifacts/demo/dataset/table.txt", demo.Notes);
        Assert.Contains("train: out curve is missing: artifacts/demo/train/curve.csv", demo.Notes);
        Assert.Equal(before, demo.Tree());
    }

    [Fact]
    public void ForceRunsWhatIsUpToDate()
    {
        demo.Run();
        SortedDictionary<string, string> before = demo.Tree();

        Assert.Equal(["collect", "dataset"], demo.Run(new StageSelection { Targets = ["dataset"] }, force: true).Ran);
        Assert.Equal(before, demo.Tree());
    }

    [Fact]
    public void TheLockFileIsTheSameOnEveryMachineAndForgetsStagesThatAreGone()
    {
        using DemoPipeline other = new();
        demo.Run();
        other.Run();
        string text = File.ReadAllText(demo["pipelines/demo.lock"]);
        Assert.Equal(text, File.ReadAllText(other["pipelines/demo.lock"]));
        Assert.DoesNotContain(demo.Root, text, StringComparison.Ordinal);

        File.WriteAllText(demo.YamlPath, DemoPipeline.Document.Replace("  collect:", "  gather:", StringComparison.Ordinal).Replace("collect.rows", "gather.rows", StringComparison.Ordinal));
        demo.Run();

        Assert.DoesNotContain("\"collect\"", File.ReadAllText(demo["pipelines/demo.lock"]), StringComparison.Ordinal);
    }

    [Fact]
    public void ALostLockFileIsRestoredWithoutWork()
    {
        demo.Run();
        SortedDictionary<string, string> before = demo.Tree();
        File.Delete(demo["pipelines/demo.lock"]);

        Assert.Empty(demo.Run().Ran);
        Assert.Equal(before, demo.Tree());
    }

    [Fact]
    public void OtherInputsReplaceSegmentsWithoutLeavingAny()
    {
        using DemoPipeline other = new();
        demo.Run("seed=1");
        demo.Run("seed=2");
        other.Run("seed=2");

        Assert.Equal(other.Tree(), demo.Tree());
    }

    [Fact]
    public void AMissingDepIsNamedWithItsLineBeforeAnythingRuns()
    {
        File.Delete(demo["data.txt"]);

        FileNotFoundException exception = Assert.Throws<FileNotFoundException>(() => demo.Run());

        Assert.Equal($"{demo.YamlPath}:8: stages.collect.deps.source: there is no data.txt: create it, or correct the path", exception.Message);
        Assert.False(Directory.Exists(demo["artifacts"]));
    }

    [Fact]
    public void FromTakesWhatComesBeforeAsItIs()
    {
        FileNotFoundException exception = Assert.Throws<FileNotFoundException>(() => demo.Run(new StageSelection { From = "train" }));
        Assert.Contains("run the stages before it too", exception.Message, StringComparison.Ordinal);

        demo.Run(new StageSelection { To = "dataset" });

        Assert.Equal(["train", "evaluate"], demo.Run(new StageSelection { From = "train" }, force: false, "collect.items=30").Ran);
    }

    [Fact]
    public void AStageThatAnotherProcessRunsIsNotTouched()
    {
        using FileLock held = FileLock.Acquire(demo["artifacts/demo/collect"], "stage 'collect'", TimeSpan.Zero);

        LockHeldException exception = Assert.Throws<LockHeldException>(() => demo.Run());

        Assert.Contains($"stage 'collect' is being run by process {Environment.ProcessId} on ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(demo.Status(), state => state.Stage.Name == "collect" && state.RunningBy is not null);
    }

    /// <summary>Size, time and inode stay: the hash that is recorded is that of what is read all the same.</summary>
    [Fact]
    public void WhatComesFromOutsideIsReadBeforeItIsBelieved()
    {
        string source = demo["data.txt"];
        File.SetLastWriteTimeUtc(source, DateTime.UnixEpoch);
        demo.Run();
        ChangeInPlace(source, "same text\n");
        Assert.Empty(demo.Run().Ran);

        Assert.Contains("collect", demo.Run("collect.seed=8").Ran);
        Assert.Equal(FileHash.Of(source), LockFile.Read(demo["pipelines/demo.lock"]).Stages["collect"].Deps["source"].Sha256);
        using DemoPipeline other = new();
        File.WriteAllText(other["data.txt"], "same text\n");
        other.Run("collect.seed=8");
        Assert.Equal(other.Tree(), demo.Tree());
    }

    /// <summary>The same while the stage runs: it is refused, and what was committed of it goes too, as it may be made of either text.</summary>
    [Fact]
    public void WhatChangesBehindTheClockWhileItIsReadIsNotRecorded()
    {
        string source = demo["data.txt"];
        File.SetLastWriteTimeUtc(source, DateTime.UnixEpoch);
        MeddlingReporter meddler = new(() => ChangeInPlace(source, "same text\n"));

        IOException exception = Assert.Throws<IOException>(() => new PipelineRun(demo.Read(), meddler, TimeProvider.System).Run(StageSelection.All, force: false, CancellationToken.None));

        Assert.Contains("data.txt: changed while stage 'collect' read it", exception.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(demo["artifacts/demo/collect/rows/.progress.json"]));
        ChangeInPlace(source, "some text\n");
        using DemoPipeline other = new();
        demo.Run();
        other.Run();
        Assert.Equal(other.Tree(), demo.Tree());
    }

    private static void ChangeInPlace(string path, string text)
    {
        using (FileStream file = new(path, FileMode.Open, FileAccess.Write))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        }

        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
    }

    [Fact]
    public void ADepThatChangesWhileItIsReadIsNotRecorded()
    {
        AdaptiveKv.Pipeline.Files.PipelineFile file = demo.Read();
        File.WriteAllText(demo["data.txt"], "text of another size\n");
        MeddlingReporter meddler = new(() => File.WriteAllText(demo["data.txt"], "changed\n"));

        IOException exception = Assert.Throws<IOException>(() => new PipelineRun(file, meddler, TimeProvider.System).Run(StageSelection.All, force: false, CancellationToken.None));

        Assert.Contains("data.txt: changed while stage 'collect' read it", exception.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(demo["artifacts/demo/collect/manifest.json"]));
        Assert.Equal(AllStages, demo.Run().Ran);
    }
}
