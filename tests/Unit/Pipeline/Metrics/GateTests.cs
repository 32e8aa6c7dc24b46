using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Pipeline.Metrics;

public sealed class GateTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("{min: 0.5}", "0.5", null, true)]
    [InlineData("{min: 0.5}", "0.499", null, false)]
    [InlineData("{max: 4}", "4", null, true)]
    [InlineData("{max: 4}", "4.01", null, false)]
    [InlineData("{min: 0, max: 1}", "2", null, false)]
    [InlineData("{max-drop: 0.02}", "0.48", "0.5", true)]
    [InlineData("{max-drop: 0.02}", "0.47", "0.5", false)]
    [InlineData("{max-drop: 0.02}", "0.9", "0.5", true)]
    [InlineData("{max-rise: 0.1}", "3.6", "3.5", true)]
    [InlineData("{max-rise: 0.1}", "3.7", "3.5", false)]
    [InlineData("{max-rise: 0}", "1", "3.5", true)]
    [InlineData("{min: 0}", "null", null, false)]
    [InlineData("{max: 1}", "\"NaN\"", null, false)]
    [InlineData("{min: 0}", "NaN", null, false)]
    [InlineData("{max: 1}", "NaN", null, false)]
    [InlineData("{min: 0}", "Infinity", null, false)]
    [InlineData("{max: 1}", "-Infinity", null, false)]
    [InlineData("{min: 0}", "1e999", null, false)]
    [InlineData("{max-drop: 0.5}", "NaN", "0.5", false)]
    [InlineData("{max-drop: 0.5}", "0.5", "NaN", false)]
    [InlineData("{max-drop: 0.5}", "0.5", "-Infinity", false)]
    [InlineData("{max-rise: 0.5}", "0.5", "Infinity", false)]
    [InlineData("{max-drop: 0.5}", "null", "0.5", false)]
    [InlineData("{max-drop: 0.5}", "0.5", "null", false)]
    public void RulesHoldOrNot(string rules, string value, string? baseline, bool expected)
    {
        IReadOnlyList<GateCheck> checks = Check($"thresholds: {{a.b: {rules}}}", Nested(value), baseline is null ? null : Nested(baseline));

        Assert.Equal(expected, checks.All(check => check.Passed));
    }

    /// <summary>Noise of a difference: the root of two squared spreads, or of both standard errors that the files have.</summary>
    [Theory]
    [InlineData("{max-worse: 3, spread: 0.01}", "0.458", "0.5", true)]
    [InlineData("{max-worse: 3, spread: 0.01}", "0.457", "0.5", false)]
    [InlineData("{max-worse: 3, spread: 0.01}", "0.9", "0.5", true)]
    [InlineData("{max-worse: 2}", "0.46, \"acc_se\": 0.03", "0.5, \"acc_se\": 0.04", true)]
    [InlineData("{max-worse: 2}", "0.39, \"acc_se\": 0.03", "0.5, \"acc_se\": 0.04", false)]
    [InlineData("{max-worse: 2}", "0.46, \"acc_low\": 0.42, \"acc_high\": 0.5", "0.5", true)]
    [InlineData("{max-worse: 2}", "NaN, \"acc_se\": 0.03", "0.5", false)]
    public void WhatIsWorseIsMeasuredInNoise(string rules, string value, string baseline, bool expected) => Assert.Equal(
        expected, Check($"thresholds: {{acc: {rules}}}", $"{{\"acc\": {value}}}", $"{{\"acc\": {baseline}}}").All(check => check.Passed));

    [Theory]
    [InlineData("thresholds:\n  items: {max-worse: 1}", "FILE:2: thresholds.items: max-worse: neither of two values of it is known to be better: give max-drop or max-rise")]
    [InlineData("thresholds:\n  acc: {max-worse: 1}", "FILE:2: thresholds.acc: max-worse: the file has no standard error of it: give its spread over runs with other seeds")]
    public void NoiseThatIsNotKnownIsAskedFor(string text, string message) => Assert.Equal(
        message.Replace("FILE", folder["thresholds.yaml"], StringComparison.Ordinal),
        Assert.Throws<ConfigurationException>(() => Check(text, """{"acc": 1, "items": 2}""", """{"acc": 1, "items": 2}""")).Message);

    [Fact]
    public void WhatTheBaselineDoesNotHaveCannotHaveDropped() => Assert.True(Check("thresholds: {a: {max-drop: 0}}", """{"a": 1}""", """{"b": 1}""")[0].Passed);

    [Theory]
    [InlineData("thresholds: {accuracy: {min: 1}}", "FILE:1: thresholds: unknown metric of METRICS 'accuracy'; did you mean 'acuracy'?")]
    [InlineData("thresholds:\n  acuracy: {mim: 1}", "FILE:2: thresholds.acuracy.mim: unknown key 'mim'; did you mean 'min'? (and 1 more; 'akv validate' lists them)")]
    [InlineData("thresholds:\n  acuracy: {min: low}", "FILE:2: thresholds.acuracy.min: is 'low': expected a number")]
    [InlineData("thresholds:\n  acuracy: {max-drop: -1}", "FILE:2: thresholds.acuracy.max-drop: is '-1': expected a number of at least 0")]
    [InlineData("thresholds:\n  acuracy:", "FILE:2: thresholds.acuracy: demands nothing: expected one or more of min, max, max-drop, max-rise, max-worse")]
    [InlineData("thresholds:\n  acuracy: {max-drop: 1}", "FILE:2: thresholds.acuracy: max-drop, max-rise and max-worse need a baseline: give one with --baseline")]
    [InlineData("thresholds:", "FILE:1: thresholds: none is here: expected thresholds: {metric: {min: ...}}")]
    public void AWrongFileIsNamed(string text, string message)
    {
        ConfigurationException exception = Assert.Throws<ConfigurationException>(() => Check(text, """{"acuracy": 1}""", null));

        Assert.Equal(message.Replace("FILE", folder["thresholds.yaml"], StringComparison.Ordinal).Replace("METRICS", folder["metrics.json"], StringComparison.Ordinal), exception.Message);
    }

    private static string Nested(string value) => $"{{\"a\": {{\"b\": {value}}}}}";

    private IReadOnlyList<GateCheck> Check(string thresholds, string metrics, string? baseline) => Gate.Check(
        ThresholdFile.Read(folder.Write("thresholds.yaml", thresholds)),
        MetricsFile.Read(folder.Write("metrics.json", metrics)),
        baseline is null ? null : MetricsFile.Read(folder.Write("baseline.json", baseline)),
        new MetricDirections(AdaptiveKv.Cli.Stages.Catalog));
}
