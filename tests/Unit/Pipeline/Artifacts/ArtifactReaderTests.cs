using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Execution;

namespace AdaptiveKv.Unit.Pipeline.Artifacts;

public sealed class ArtifactReaderTests : IDisposable
{
    private const int Positions = 200;

    private readonly DemoPipeline demo = new();

    public ArtifactReaderTests() => demo.Run();

    public void Dispose() => demo.Dispose();

    [Fact]
    public void WhatWasPublishedIsRead()
    {
        VerifiedFile model = Assert.Single(ArtifactReader.Open(demo["artifacts/demo/train/model.txt"]));
        IReadOnlyList<VerifiedFile> rows = ArtifactReader.Open(demo["artifacts/demo/collect/rows"]);

        Assert.Equal(new FileInfo(model.Path).Length, model.Bytes);
        Assert.Equal(4, rows.Count);
        Assert.Equal(File.ReadAllText(demo["artifacts/demo/dataset/table.txt"]), string.Concat(rows.Select(row => File.ReadAllText(row.Path))));
    }

    [Theory]
    [InlineData("artifacts/demo/train/model.txt")]
    [InlineData("artifacts/demo/train/manifest.json")]
    [InlineData("artifacts/demo/collect/manifest.json")]
    [InlineData("artifacts/demo/collect/rows/manifest.json")]
    [InlineData("artifacts/demo/collect/rows/000001-*.txt")]
    public void OneFlippedBitAnywhereIsDetected(string pattern)
    {
        string path = Directory.GetFiles(demo[Path.GetDirectoryName(pattern)!], Path.GetFileName(pattern)).Single();
        string artifact = pattern.Contains("train", StringComparison.Ordinal) ? demo["artifacts/demo/train/model.txt"] : demo["artifacts/demo/collect/rows"];
        byte[] content = File.ReadAllBytes(path);
        for (int position = 0; position < Positions; position++)
        {
            long bit = (long)position * content.Length * 8 / Positions;
            byte[] flipped = [.. content];
            flipped[bit / 8] ^= (byte)(1 << (int)(bit % 8));
            File.WriteAllBytes(path, flipped);

            Assert.Throws<InvalidDataException>(() => ArtifactReader.Open(artifact));
        }

        File.WriteAllBytes(path, content);
        ArtifactReader.Open(artifact);
    }

    [Fact]
    public void AFileThatAUserNamesIsVerifiedWhereAManifestListsIt()
    {
        string model = demo["artifacts/demo/train/model.txt"];
        string link = demo["link.txt"];
        string copy = demo["copy/model.txt"];
        Directory.CreateDirectory(demo["copy"]);
        File.Copy(model, copy);
        File.CreateSymbolicLink(link, model);
        Assert.Equal([model, link, copy, ""], new[] { model, link, copy, "" }.Select(ArtifactReader.Verified));

        byte[] content = File.ReadAllBytes(model);
        content[0] ^= 1;
        File.WriteAllBytes(model, content);
        foreach (string path in (string[])[model, link])
        {
            string message = Assert.Throws<InvalidDataException>(() => ArtifactReader.Verified(path)).Message;
            Assert.Matches("model.txt: not as it was published .SHA-256 [0-9a-f]{12}... instead of [0-9a-f]{12}....: .*make it again with 'akv run -f STAGE'$", message);
        }

        File.Delete(model);
        Assert.Throws<FileNotFoundException>(() => ArtifactReader.Verified(model));
        foreach (string foreign in (string[])["{\"name\": \"a web page\"}", "no JSON"])
        {
            File.WriteAllText(demo["copy/manifest.json"], foreign);
            Assert.Equal(copy, ArtifactReader.Verified(copy));
        }

        File.WriteAllText(demo["copy/manifest.json"], "{\"version\":1,\"files\":[{\"path\":\"model.txt\"}]}");
        Assert.Throws<InvalidDataException>(() => ArtifactReader.Verified(copy));
    }

    [Fact]
    public void AStageRefusesADamagedDepEvenIfItsStampIsTheSame()
    {
        string table = demo["artifacts/demo/dataset/table.txt"];
        File.SetLastWriteTimeUtc(table, DateTime.UnixEpoch);
        demo.Run();
        byte[] content = File.ReadAllBytes(table);
        content[100] ^= 1;
        using (FileStream file = new(table, FileMode.Open, FileAccess.Write))
        {
            file.Write(content);
        }

        File.SetLastWriteTimeUtc(table, DateTime.UnixEpoch);

        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => demo.Run(new StageSelection { From = "train" }, force: false, "train.lr=0.5"));
        Assert.StartsWith($"{table}: not as it was published (SHA-256 ", exception.Message, StringComparison.Ordinal);

        // Where the stage that made it is looked at too, it makes it again first.
        Assert.Equal(["dataset", "train", "evaluate"], demo.Run("train.lr=0.5").Ran);
        content[100] ^= 1;
        Assert.Equal(content, File.ReadAllBytes(table));
    }

    [Fact]
    public void AFileThatNoManifestListsIsNoArtifact()
    {
        File.WriteAllText(demo["artifacts/demo/train/notes.txt"], "mine");

        Assert.False(ArtifactReader.IsPublished(demo["artifacts/demo/train/notes.txt"]));
        Assert.False(ArtifactReader.IsPublished(demo["data.txt"]));
        Assert.True(ArtifactReader.IsPublished(demo["artifacts/demo/train/model.txt"]));
        Assert.Throws<FileNotFoundException>(() => ArtifactReader.Open(demo["artifacts/demo/train/notes.txt"]));
        Assert.Throws<FileNotFoundException>(() => ArtifactReader.Open(demo["data.txt"]));
    }

    [Fact]
    public void AListedFileThatIsGoneIsNamed()
    {
        File.Delete(Directory.GetFiles(demo["artifacts/demo/collect/rows"], "000001-*").Single());

        Assert.Contains("though its manifest lists it", Assert.Throws<FileNotFoundException>(() => ArtifactReader.Open(demo["artifacts/demo/collect/rows"])).Message, StringComparison.Ordinal);
    }
}
