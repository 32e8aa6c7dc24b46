using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Pipeline.Stages;
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

    /// <summary>What is no number differs from every number by nothing that could be told; two of them are no change.</summary>
    [Fact]
    public void WhatIsNoNumberHasNoDifference()
    {
        IReadOnlyList<MetricChange> changes = MetricChange.Between(Read("old", """{"a": NaN, "b": 1, "c": NaN}"""), Read("new", """{"a": NaN, "b": NaN, "c": 2}"""));

        Assert.Equal([false, true, true], changes.Select(change => change.IsChanged));
        Assert.All(changes, change => Assert.Equal((null, null), (change.Difference, change.Share)));
    }

    [Theory]
    [InlineData("0.5", "0.6", Better.More, MetricVerdict.Better)]
    [InlineData("0.5", "0.4", Better.More, MetricVerdict.Worse)]
    [InlineData("0.5", "0.4", Better.Less, MetricVerdict.Better)]
    [InlineData("0.5", "0.6", Better.Less, MetricVerdict.Worse)]
    [InlineData("0.5", "5e-1", Better.Less, MetricVerdict.Same)]
    [InlineData("-0.5", "0.4", Better.NearerZero, MetricVerdict.Better)]
    [InlineData("-0.5", "0.6", Better.NearerZero, MetricVerdict.Worse)]
    [InlineData("-0.5", "0.5", Better.NearerZero, MetricVerdict.Same)]
    [InlineData("0.5", "0.6", Better.Neither, null)]
    [InlineData("0.5", "NaN", Better.More, MetricVerdict.Worse)]
    [InlineData("0.5", "NaN", Better.Less, MetricVerdict.Worse)]
    [InlineData("0.5", "Infinity", Better.More, MetricVerdict.Worse)]
    [InlineData("0.5", "-Infinity", Better.Less, MetricVerdict.Worse)]
    [InlineData("0.5", "null", Better.Less, MetricVerdict.Worse)]
    [InlineData("0.5", "NaN", Better.NearerZero, MetricVerdict.Worse)]
    [InlineData("NaN", "0.5", Better.More, null)]
    [InlineData("NaN", "NaN", Better.More, MetricVerdict.Same)]
    public void ANewValueIsBetterOrWorse(string old, string @new, Better better, MetricVerdict? verdict) =>
        Assert.Equal(verdict, MetricChange.Between(Read("old", $"{{\"a\": {old}}}"), Read("new", $"{{\"a\": {@new}}}"))[0].Verdict(better));

    [Theory]
    [InlineData("0.56", 0.02, null, MetricVerdict.Better)]
    [InlineData("0.53", 0.02, null, MetricVerdict.WithinNoise)]
    [InlineData("0.47", 0.02, null, MetricVerdict.WithinNoise)]
    [InlineData("0.44", 0.02, null, MetricVerdict.Worse)]
    [InlineData("0.56", 0.02, 0.05, MetricVerdict.WithinNoise)]
    [InlineData("0.5", 0.02, null, MetricVerdict.Same)]
    public void TwiceWhatChanceDoesIsNoise(string @new, double error, double? noise, MetricVerdict verdict)
    {
        MetricChange change = MetricChange.Between(Read("old", $"{{\"a\": 0.5, \"a_se\": {error}}}"), Read("new", $"{{\"a\": {@new}}}"))[0];

        Assert.Equal(error, change.Noise);
        Assert.Equal(verdict, change.Verdict(Better.More, noise));
    }

    [Fact]
    public void WhatIsThereOnceIsNeither() =>
        Assert.All(MetricChange.Between(Read("old", """{"a": 1}"""), Read("new", """{"b": 1}""")), change => Assert.Null(change.Verdict(Better.More)));

    private IReadOnlyList<Metric> Read(string name, string json) => MetricsFile.Read(folder.Write(name, json)).Metrics;
}
