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
    [InlineData("{\"a\": NaN}")]
    [InlineData("{\"a\": 1} {}")]
    public void WhatIsNotJsonIsNamed(string text)
    {
        string path = folder.Write("metrics.json", text);

        Assert.StartsWith($"{path}: not a JSON file of metrics: ", Assert.Throws<InvalidDataException>(() => MetricsFile.Read(path)).Message, StringComparison.Ordinal);
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
