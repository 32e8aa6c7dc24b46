using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Pipeline.Metrics;

public sealed class MetricsFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void NestedKeysBecomeOnePath()
    {
        MetricsFile file = MetricsFile.Read(folder.Write("metrics.json", """{"model": "micro", "policies": {"static-4": {"accuracy": 0.25, "bits": [4, 4.25]}}, "partial": false, "p": null}"""));

        Assert.Equal(
            [
                new Metric("model", "micro", null),
                new Metric("policies.static-4.accuracy", "0.25", 0.25),
                new Metric("policies.static-4.bits.0", "4", 4),
                new Metric("policies.static-4.bits.1", "4.25", 4.25),
                new Metric("partial", "false", null),
                new Metric("p", "null", null),
            ],
            file.Metrics);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"a\": nan}")]
    [InlineData("{\"a\": NaNs}")]
    [InlineData("{\"a\": 1NaN}")]
    [InlineData("{NaN: 1}")]
    [InlineData("{\"a\": +Infinity}")]
    [InlineData("{\"a\": \"\\ud800\"}")]
    [InlineData("{\"a\": 1} {}")]
    public void WhatIsNotJsonIsNamed(string text)
    {
        string path = folder.Write("metrics.json", text);

        Assert.StartsWith($"{path}: not a JSON file of metrics: ", Assert.Throws<InvalidDataException>(() => MetricsFile.Read(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>As Python's json writes what is no number; within texts the words are texts.</summary>
    [Fact]
    public void WordsThatAreNoNumbersAreShown()
    {
        MetricsFile file = MetricsFile.Read(folder.Write("metrics.json", """{"a": NaN, "b": [Infinity, -Infinity], "c": 1e999, "NaN": "NaN \" Infinity", "d": -1}"""));

        Assert.Equal(["NaN", "Infinity", "-Infinity", "1e999", "NaN \" Infinity", "-1"], file.Metrics.Select(metric => metric.Text));
        Assert.Equal([null, null, null, null, null, -1], file.Metrics.Select(metric => metric.Number));
        Assert.Equal([true, true, true, true, false, false], file.Metrics.Select(metric => metric.IsNotFinite));
    }

    [Fact]
    public void AByteOrderMarkIsSkipped() => Assert.Equal(0.5, MetricsFile.Read(folder.Write("metrics.json", "\uFEFF{\"acc\": 0.5}")).Find("acc")!.Number);

    [Theory]
    [InlineData("{\"acc\": 0.5, \"acc\": 0.9}", "line 1: member 'acc': occurs twice, first in line 1")]
    [InlineData("{\"acc\": 0.5,\n \"a\\u0063c\": 0.9}", "line 2: member 'acc': occurs twice, first in line 1")]
    [InlineData("{\n\"p\": [{\"kl\": 1}, {\n\"kl\": NaN,\n\"kl\": 2}]}", "line 4: member 'p.1.kl': occurs twice, first in line 3")]
    [InlineData("{\"a.b\": 1, \"a\": {\"b\": 2}}", "2 values have the path 'a.b': expected one")]
    public void AMetricThatIsThereTwiceIsRefused(string text, string problem)
    {
        string path = folder.Write("metrics.json", text);

        Assert.Equal($"{path}: not a JSON file of metrics: {problem}", Assert.Throws<InvalidDataException>(() => MetricsFile.Read(path)).Message);
    }

    [Fact]
    public void APublishedFileIsVerified()
    {
        using DemoPipeline demo = new();
        demo.Run();
        string path = demo["artifacts/demo/evaluate/metrics.json"];
        Assert.Equal(20, MetricsFile.Read(path).Find("rows")!.Number);

        File.WriteAllText(path, File.ReadAllText(path).Replace("20", "21", StringComparison.Ordinal));

        Assert.Throws<InvalidDataException>(() => MetricsFile.Read(path));
    }
}
