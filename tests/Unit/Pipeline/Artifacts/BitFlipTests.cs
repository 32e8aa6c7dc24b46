using AdaptiveKv.Evaluation.Report;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Unit.Evaluation.Report;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Data;

namespace AdaptiveKv.Unit.Pipeline.Artifacts;

/// <summary>One bit of a published artifact flips, and size, time and inode stay as they are: the next use notices.</summary>
public sealed class BitFlipTests : IDisposable
{
    private const int Positions = 200;

    private readonly DemoPipeline demo = new();

    public void Dispose() => demo.Dispose();

    [Fact]
    public void EveryFlippedBitIsNoticed()
    {
        demo.Run();
        // Besides what the fake stages make: a table, and a report's page.
        using TableFolder tables = new();
        string table = tables.WriteTokens("tokens.parquet", 3000);
        using TemporaryFolder sample = new();
        ReportInputs inputs = ReportInputs.Read(SampleReport.Write(sample)["evaluation"], null, null, null);
        string extra = demo["artifacts/demo/extra"];
        using (ArtifactPublisher publisher = new(extra))
        {
            File.Copy(table, publisher.Reserve("tokens.parquet"));
            File.WriteAllText(publisher.Reserve("report.html"), HtmlReport.Of(ReportDocument.Of(inputs, TimeProvider.System)));
            publisher.Publish("inputs");
        }

        string[] files = [.. Directory.GetFiles(demo["artifacts"], "*", SearchOption.AllDirectories).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal)];
        // Segments, a table, a model, a curve, metrics; their manifests; Parquet and HTML.
        Assert.Equal(16, files.Length);
        HashSet<string> kinds = [];
        for (int i = 0; i < Positions; i++)
        {
            string file = files[i % files.Length];
            kinds.Add(Path.GetFileName(file) == Manifest.FileName ? Manifest.FileName : Path.GetExtension(file));
            Flip(file, i);
            Assert.True(IsNoticed(file), $"flip {i} in {file} was not noticed");
            Flip(file, i);
            Assert.False(IsNoticed(file), $"{file} is whole again");
        }

        Assert.Equal([".csv", ".html", ".json", ".parquet", ".txt", Manifest.FileName], kinds.Order(StringComparer.Ordinal));
    }

    /// <summary>The same through the pipeline: the stage that reads the artifact refuses it, and status finds it.</summary>
    [Fact]
    public void TheStageThatReadsItRefusesIt()
    {
        demo.Run();
        foreach ((string file, string reader, string maker) in (ReadOnlySpan<(string, string, string)>)
            [("dataset/table.txt", "train", "dataset"), ("train/model.txt", "evaluate", "train"), (SegmentOf(demo), "dataset", "collect")])
        {
            string path = demo[$"artifacts/demo/{file}"];
            Flip(path, 11);

            Assert.ThrowsAny<Exception>(() => demo.Run(new StageSelection { From = reader, To = reader }, force: true));
            Assert.Contains(PipelineStatus.Of(demo.Read(), StageSelection.All, TimeProvider.System, verify: true), state => state.Stage.Name == maker && !state.IsUpToDate);
            Flip(path, 11);
            Assert.All(PipelineStatus.Of(demo.Read(), StageSelection.All, TimeProvider.System, verify: true), state => Assert.True(state.IsUpToDate));
        }
    }

    private static string SegmentOf(DemoPipeline demo) =>
        $"collect/rows/{Path.GetFileName(Directory.GetFiles(demo["artifacts/demo/collect/rows"], "000001-*").Single())}";

    // As a reader meets it: a file through the manifest beside it, a segment or a folder's manifest through the folder.
    private static bool IsNoticed(string file)
    {
        string folder = Path.GetDirectoryName(file)!;
        string[] uses = Path.GetFileName(folder) == "rows" ? [folder]
            : Path.GetFileName(file) == Manifest.FileName ? [.. Directory.GetFileSystemEntries(folder).Where(path => path != file && !Path.GetFileName(path).StartsWith('.'))]
            : [file];
        return uses.All(use =>
        {
            try
            {
                ArtifactReader.Open(use);
                return false;
            }
            catch (InvalidDataException)
            {
                return true;
            }
        });
    }

    // Positions spread over the file by the golden ratio; the time is put back, as silent damage leaves it.
    private static void Flip(string file, int seed)
    {
        DateTime time = File.GetLastWriteTimeUtc(file);
        using (FileStream stream = new(file, FileMode.Open, FileAccess.ReadWrite))
        {
            long bit = (long)((seed + 1) * 0.6180339887498949 % 1 * stream.Length * 8);
            stream.Position = bit / 8;
            int value = stream.ReadByte();
            stream.Position = bit / 8;
            stream.WriteByte((byte)(value ^ (1 << (int)(bit % 8))));
        }

        File.SetLastWriteTimeUtc(file, time);
    }
}
