using System.Text.Json.Nodes;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Unit.Pipeline.Execution;

public sealed class PipelineStatusTests : IDisposable
{
    private readonly DemoPipeline demo = new();

    public void Dispose() => demo.Dispose();

    [Fact]
    public void AFreshPipelineHasNotRun()
    {
        File.Delete(demo["data.txt"]);

        Assert.Equal(
            ["collect: it has not run yet; dep source is missing: data.txt", "dataset: it has not run yet", "train: it has not run yet", "evaluate: it has not run yet"],
            demo.Reasons());
        Assert.False(Directory.Exists(demo["artifacts"]));
    }

    [Fact]
    public void EveryKindOfChangeIsNamed()
    {
        demo.Run();
        Assert.Empty(demo.Reasons());

        Assert.Equal(
            ["train: param layers changed [4,4] -> [8]; param lr changed 0.001 -> 0.0003", "evaluate: dep model is made by train, which would run"],
            demo.Reasons("train.lr=3e-4", "train.layers=[8]"));

        File.WriteAllText(demo["hint.txt"], "hint\n");
        Edit("deps: {source: \"${params.source}\"}", "deps: {source: \"${params.source}\", hint: hint.txt}");
        Assert.StartsWith("collect: dep hint is new: hint.txt", demo.Reasons().First(), StringComparison.Ordinal);

        File.Delete(demo["artifacts/demo/evaluate/metrics.json"]);
        Assert.Contains(demo.Reasons(), reason => reason.EndsWith("out metrics is missing: artifacts/demo/evaluate/metrics.json", StringComparison.Ordinal));
    }

    /// <summary>What an older version made without knowing of a param stays good as long as the param has its default.</summary>
    [Fact]
    public void AParamThatTheRecordDoesNotKnowCountsWhereItIsSet()
    {
        demo.Run();
        JsonNode record = JsonNode.Parse(File.ReadAllText(demo.Read().LockPath))!;
        Assert.True(record["stages"]!["train"]!["params"]!.AsObject().Remove("lr"));
        File.WriteAllText(demo.Read().LockPath, record.ToJsonString());
        string list = demo["artifacts/demo/train/manifest.json"];
        string inputs = LockFile.Read(demo.Read().LockPath).Stages["train"].Inputs;
        File.WriteAllBytes(list, Manifest.Empty.With([.. Manifest.Read(list).Entries.Select(entry => entry with { Inputs = inputs })]).ToBytes());

        Assert.Empty(demo.Reasons());
        Assert.StartsWith("train: param lr is new: 0.0003", demo.Reasons("train.lr=3e-4").First(), StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherFileInPlaceOfADepIsNamed()
    {
        demo.Run();
        File.WriteAllText(demo["other.txt"], "another text\n");

        Assert.StartsWith("collect: dep source changed data.txt -> other.txt", demo.Reasons("source=other.txt").First(), StringComparison.Ordinal);
    }

    [Fact]
    public void ADamagedSegmentIsFound()
    {
        demo.Run();
        File.AppendAllText(Directory.GetFiles(demo["artifacts/demo/collect/rows"], "000002-*").Single(), "x");

        Assert.Matches("^collect: out rows is not as the stage made it: artifacts/demo/collect/rows/000002-[0-9a-f]{12}.txt$", demo.Reasons().First());
    }

    [Fact]
    public void WhatHidesFromTheClockIsFoundByReading()
    {
        demo.Run();
        string table = demo["artifacts/demo/dataset/table.txt"];
        File.SetLastWriteTimeUtc(table, DateTime.UnixEpoch);
        Assert.Empty(demo.Reasons());

        using (FileStream file = new(table, FileMode.Open, FileAccess.ReadWrite))
        {
            file.WriteByte((byte)'#');
        }

        File.SetLastWriteTimeUtc(table, DateTime.UnixEpoch);

        Assert.Empty(demo.Reasons());
        Assert.False(PipelineStatus.Of(demo.Read(), StageSelection.All, TimeProvider.System, verify: true)[1].IsUpToDate);
    }

    private void Edit(string old, string @new) => File.WriteAllText(demo.YamlPath, File.ReadAllText(demo.YamlPath).Replace(old, @new, StringComparison.Ordinal));
}
