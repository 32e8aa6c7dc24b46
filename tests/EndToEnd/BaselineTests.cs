using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>Scores of one evaluation used in another.</summary>
public sealed class BaselineTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void KnownPoliciesAreNotRunAgainAndGiveTheSameFigures()
    {
        Outcome run = Akv.RunHere("run", "--pipeline", Pipeline("two-pass"));

        Assert.True(run.Code == 0, run.Error);
        Assert.Contains("under 1 of 3 policies", run.Error, StringComparison.Ordinal);
        using JsonDocument first = JsonDocument.Parse(File.ReadAllText(folder.PathOf("artifacts/pipeline/first/metrics.json")));
        using JsonDocument second = JsonDocument.Parse(File.ReadAllText(folder.PathOf("artifacts/pipeline/second/metrics.json")));
        Assert.Equal(3, first.RootElement.EnumerateObject().Count());
        Assert.All(first.RootElement.EnumerateObject(), known => Assert.Equal(known.Value.GetRawText(), second.RootElement.GetProperty(known.Name).GetRawText()));
        Assert.True(second.RootElement.GetProperty("static-2+sinks1").GetProperty("kl").GetDouble() > 0.001);
    }

    [Fact]
    public void ScoresOfAnotherModeAreRefused()
    {
        Outcome run = Akv.RunHere("run", "--pipeline", Pipeline("decode"));

        Assert.Equal(2, run.Code);
        Assert.Contains("stages.second.params.mode: is decode, and two-pass in the stage that makes dep baselines", run.Error, StringComparison.Ordinal);
        run = OfAnotherPipeline("mode: decode");
        Assert.Equal(65, run.Code);
        Assert.Contains("cannot be used again: their mode is two-pass, and here it is decode", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ScoresAfterOtherShotsAreRefused()
    {
        Outcome run = Akv.RunHere("run", "--pipeline", Pipeline("two-pass", shots: 2));

        Assert.Equal(2, run.Code);
        Assert.Contains("stages.second.params.shots: is 2, and 0 in the stage that makes dep baselines", run.Error, StringComparison.Ordinal);
        run = OfAnotherPipeline("shots: 2");
        Assert.Equal(65, run.Code);
        Assert.Contains("cannot be used again: their shots_sha256 is", run.Error, StringComparison.Ordinal);
    }

    // Where no stage of the file makes the scores, only the scores themselves tell how they were made.
    private Outcome OfAnotherPipeline(string param)
    {
        Outcome made = Akv.RunHere("run", "--pipeline", Pipeline("two-pass"));
        Assert.True(made.Code == 0, made.Error);
        string path = folder.PathOf("third.yaml");
        File.WriteAllText(path, $$"""
            stages:
              third:
                uses: evaluate
                deps: {model: "{{SharedFiles.MicroModel}}", data: "{{SharedFiles.Micro}}/items_validation.jsonl", baselines: artifacts/pipeline/first/scores}
                params: {limit: 4, {{param}}, policies: "static-16,static-4,static-2"}
            """);
        return Akv.RunHere("run", "--pipeline", path);
    }

    private string Pipeline(string mode, int shots = 0)
    {
        string data = "{" + $"model: \"{SharedFiles.MicroModel}\", data: \"{SharedFiles.Micro}/items_validation.jsonl\"";
        string path = folder.PathOf("pipeline.yaml");
        File.WriteAllText(path, $$"""
            stages:
              first:
                uses: evaluate
                deps: {{data}}}
                params: {limit: 4, policies: "static-16,static-4"}
              second:
                uses: evaluate
                deps: {{data}}, baselines: first.scores}
                params: {limit: 4, shots: {{shots}}, mode: {{mode}}, policies: "static-16,static-4,static-2"}
            """);
        return path;
    }
}
