using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Pipeline.Metrics;

public sealed class MetricChangeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void MetricsOfBothFilesAreCompared()
    {
        IReadOnlyList<MetricChange> changes = MetricChange.Between(Read("old", """{"a": 2, "b": 1.50, "c": "x", "d": 1}"""), Read("new", """{"a": 3, "b": 1.5, "c": "y", "e": 1}"""));

        Assert.Equal(["a", "b", "c", "d", "e"], changes.Select(change => change.Path));
        Assert.Equal([true, false, true, true, true], changes.Select(change => change.IsChanged));
        Assert.Equal([1, 0, null, null, null], changes.Select(change => change.Difference));
        Assert.Equal(0.5, changes[0].Share);
    }

    [Fact]
    public void AZeroHasNoShare() => Assert.Null(MetricChange.Between(Read("old", """{"a": 0}"""), Read("new", """{"a": 3}"""))[0].Share);

    private MetricsFile Read(string name, string json) => MetricsFile.Read(folder.Write(name, json));
}
