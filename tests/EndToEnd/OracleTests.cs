using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>The evaluation of whole texts, against the policy that knows what each of their tokens costs.</summary>
public sealed class OracleTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheOracleIsBetterThanChanceAtEqualBitsAndOthersAreMeasuredByIt()
    {
        Outcome run = Akv.RunHere("run", "--pipeline", Pipeline(collected: 12, evaluated: 12));

        Assert.True(run.Code == 0, run.Error);
        using JsonDocument metrics = JsonDocument.Parse(File.ReadAllText(folder.PathOf("artifacts/pipeline/evaluate/metrics.json")));
        double Kl(string policy) => metrics.RootElement.GetProperty(policy).GetProperty("kl").GetDouble();
        double chance = (Kl("random-2.5@1+sinks1") + Kl("random-2.5@2+sinks1")) / 2;
        Assert.True(Kl("oracle-2.75+sinks1") < 0.7 * chance, $"oracle {Kl("oracle-2.75+sinks1")}, chance {chance}");
        using JsonDocument evaluation = JsonDocument.Parse(File.ReadAllText(folder.PathOf("artifacts/pipeline/evaluate/evaluation.json")));
        double Bits(string policy) => evaluation.RootElement.GetProperty("policies").EnumerateArray()
            .Single(row => row.GetProperty("policy").GetString() == policy).GetProperty("nominal_bits").GetDouble();
        Assert.Equal(Bits("random-2.5@1+sinks1"), Bits("oracle-2.75+sinks1"), 0.05);
        Assert.True(metrics.RootElement.GetProperty("static-16").GetProperty("perplexity").GetDouble() > 1);
        Assert.False(metrics.RootElement.GetProperty("static-16").TryGetProperty("acc", out _));
        JsonElement rule = metrics.RootElement.EnumerateObject().Single(policy => policy.Name.StartsWith("rule-entropy", StringComparison.Ordinal)).Value;
        Assert.True(rule.GetProperty("oracle_gap_closed").GetDouble() < 1);
    }

    [Fact]
    public void AnOracleOfOtherTextsIsRefused()
    {
        Outcome run = Akv.RunHere("run", "--pipeline", Pipeline(collected: 3, evaluated: 4));

        Assert.Equal(65, run.Code);
        Assert.Contains("as it is evaluated is not in it", run.Error, StringComparison.Ordinal);
    }

    private string Pipeline(int collected, int evaluated)
    {
        string path = folder.PathOf("pipeline.yaml");
        File.WriteAllText(path, $$"""
            stages:
              collect:
                uses: collect
                deps: {model: "{{SharedFiles.MicroModel}}", data: "{{SharedFiles.Micro}}/items_validation.jsonl"}
                params: {limit: {{collected}}, samples: 4096, tiers: [2, 3, 4], operating: static-3}
              evaluate:
                uses: evaluate
                deps: {model: "{{SharedFiles.MicroModel}}", data: "{{SharedFiles.Micro}}/items_validation.jsonl", tokens: collect.tokens, oracle: collect.tokens}
                params: {unit: text, limit: {{evaluated}}, policies: static-16, targets: [2.75], seeds: 2}
            """);
        return path;
    }
}
