using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Pipeline.Fingerprints;

public sealed class LockFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AnAbsentOneIsEmpty() => Assert.Empty(LockFile.Read(folder["absent.lock"]).Stages);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"version": 1}""")]
    [InlineData("""{"version": 2, "stages": {}}""")]
    [InlineData("""{"version": 1, "stages": {"train": {"uses": "fit"}}}""")]
    [InlineData("""{"version": 1, "stages": {"train": null}}""")]
    [InlineData("""{"version": 1, "stages": {"train": {"uses": "fit", "code": 1, "deps": {"a": null}, "params": {}, "outs": {}}}}""")]
    [InlineData("""{"version": 1, "version": 1, "stages": {}}""")]
    [InlineData("""{"version": 1, "stages": {"train": {"uses": "fit", "code": 1, "deps": {}, "params": {}, "outs": {}}, "train": {"uses": "fit", "code": 2, "deps": {}, "params": {}, "outs": {}}}}""")]
    [InlineData("<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> branch\n")]
    public void AMalformedOneIsNamedWithItsRemedy(string text)
    {
        string path = folder.Write("demo.lock", text);

        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => LockFile.Read(path));

        Assert.StartsWith($"{path}: not a lock file (", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("restore it from version control, or delete it", exception.Message, StringComparison.Ordinal);
    }
}
