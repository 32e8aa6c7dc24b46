using System.Text;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Pipeline.Artifacts;

public sealed class ManifestTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EntriesAreSortedAndReplacedByPath()
    {
        Manifest manifest = Manifest.Empty.With([Entry("b"), Entry("a")]).With([Entry("b") with { Bytes = 7 }]);
        folder.Write("manifest.json", manifest.ToBytes());

        Assert.Equal([Entry("a"), Entry("b") with { Bytes = 7 }], Manifest.Read(folder["manifest.json"]).Entries);
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("/a")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("")]
    [InlineData("C:a")]
    [InlineData("..\\a")]
    public void APathThatLeadsElsewhereIsRefused(string path) => IsDamaged(Manifest.Empty.With([Entry(path)]).ToBytes());

    [Theory]
    [InlineData(-1, 64)]
    [InlineData(1, 63)]
    public void AnImpossibleEntryIsRefused(long bytes, int digits) => IsDamaged(Manifest.Empty.With([Entry("a") with { Bytes = bytes, Sha256 = new string('0', digits) }]).ToBytes());

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"version": 1}""")]
    [InlineData("""{"version": 1, "files": [{"path": null}]}""")]
    [InlineData("""{"version": 1, "files": [7]}""")]
    [InlineData("""{"version": 1, "files": [{"path": "a", "bytes": 1.5, "sha256": ""}]}""")]
    public void AnotherDocumentIsRefused(string text) => IsDamaged(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void ANewerVersionIsNamed()
    {
        folder.Write("manifest.json", """{"version": 2, "files": []}""");

        Assert.Contains("version 2: expected 1", Assert.Throws<InvalidDataException>(() => Manifest.Read(folder["manifest.json"])).Message, StringComparison.Ordinal);
    }

    private static ManifestEntry Entry(string path) => new(path, 1, new string('0', 64), null);

    private void IsDamaged(byte[] content)
    {
        folder.Write("manifest.json", content);

        Assert.Contains("is damaged", Assert.Throws<InvalidDataException>(() => Manifest.Read(folder["manifest.json"])).Message, StringComparison.Ordinal);
        Assert.Null(Manifest.TryRead(folder["manifest.json"]));
    }
}
