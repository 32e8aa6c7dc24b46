using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Pipeline.Fingerprints;

public sealed class FileHashesTests : IDisposable
{
    private static readonly DateTime LongAgo = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AHashIsThatOfSha256Sum() =>
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", new FileHashes(folder.Path, TimeProvider.System).Of(folder.Write("a", "abc")));

    [Fact]
    public void AnAbsentFileHasNone() => Assert.Null(new FileHashes(folder.Path, TimeProvider.System).Of(folder["absent"]));

    [Fact]
    public void APartOfASplitFileStandsForAllParts()
    {
        FileHashes hashes = new(folder.Path, TimeProvider.System);
        string first = folder.Write("m-00001-of-00002.gguf", "abc");
        string second = folder.Write("m-00002-of-00002.gguf", "def");
        folder.Write("m-00003-of-00003.gguf", "other");
        folder.Write("n-00001-of-00002.gguf", "other");
        string? before = hashes.Of(first);
        Assert.Equal(before, hashes.Of(second));

        File.WriteAllText(second, "changed");
        File.WriteAllText(folder["n-00001-of-00002.gguf"], "changed");

        Assert.NotEqual(before, hashes.Of(first));
        Assert.Equal(hashes.Of(first), hashes.Of(second));
    }

    [Fact]
    public void AnOldFileIsReadOnce()
    {
        string path = folder.Write("a", "abc");
        File.SetLastWriteTimeUtc(path, LongAgo);
        FileHashes first = new(folder.Path, TimeProvider.System);
        string hash = first.Of(path)!;
        first.Save();
        Overwrite(path, "abd", LongAgo);

        Assert.Equal(hash, new FileHashes(folder.Path, TimeProvider.System).Of(path));
        Assert.NotEqual(hash, new FileHashes(folder.Path, TimeProvider.System, trust: false).Of(path));
    }

    [Fact]
    public void AYoungFileIsReadAgain()
    {
        string path = folder.Write("a", "abc");
        DateTime now = File.GetLastWriteTimeUtc(path);
        FileHashes hashes = new(folder.Path, TimeProvider.System);
        string hash = hashes.Of(path)!;
        Overwrite(path, "abd", now);

        Assert.NotEqual(hash, hashes.Of(path));
    }

    [Fact]
    public void AReplacedFileIsReadAgainWhateverItsTime()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "inodes are read on Linux only");
        string path = folder.Write("a", "abc");
        File.SetLastWriteTimeUtc(path, LongAgo);
        FileHashes hashes = new(folder.Path, TimeProvider.System);
        string hash = hashes.Of(path)!;
        File.SetLastWriteTimeUtc(folder.Write("b", "abd"), LongAgo);
        File.Move(folder["b"], path, overwrite: true);

        Assert.NotEqual(hash, hashes.Of(path));
    }

    [Fact]
    public void AFolderIsItsNamesAndContents()
    {
        Directory.CreateDirectory(folder["model/inner"]);
        folder.Write("model/a", "abc");
        folder.Write("model/inner/b", "abc");
        FileHashes hashes = new(folder["cache"], TimeProvider.System);
        string hash = hashes.Of(folder["model"])!;
        Assert.Equal(hash, hashes.Of(folder["model"]));

        File.Move(folder["model/inner/b"], folder["model/inner/c"]);
        Assert.NotEqual(hash, hashes.Of(folder["model"]));

        File.Move(folder["model/inner/c"], folder["model/inner/b"]);
        folder.Write("model/a", "abd");
        Assert.NotEqual(hash, hashes.Of(folder["model"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{]")]
    [InlineData("""{"a": 7}""")]
    [InlineData("null")]
    public void ADamagedMemoryIsForgotten(string text)
    {
        folder.Write(FileHashes.FileName, text);

        Assert.Equal(FileHash.Of(folder.Write("a", "abc")), new FileHashes(folder.Path, TimeProvider.System).Of(folder["a"]));
    }

    private static void Overwrite(string path, string content, DateTime time)
    {
        using (StreamWriter writer = new(new FileStream(path, FileMode.Open, FileAccess.Write)))
        {
            writer.Write(content);
        }

        File.SetLastWriteTimeUtc(path, time);
    }
}
