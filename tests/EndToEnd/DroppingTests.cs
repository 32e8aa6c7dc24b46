using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>Dropping a token is measured, learned and chosen like any other tier.</summary>
public sealed class DroppingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public DroppingTests() => Assert.SkipUnless(Akv.RunHere("doctor").Output.Contains("ok    training", StringComparison.Ordinal), "needs libtorch");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AControllerLearnsWhatToDrop()
    {
        string path = folder.PathOf("pipeline.yaml");
        File.WriteAllText(path, $$"""
            params: {model: "{{SharedFiles.MicroModel}}", items: "{{SharedFiles.Micro}}/items_validation.jsonl"}
            stages:
              collect:
                uses: collect
                deps: {model: "${params.model}", data: "${params.items}"}
                params: {limit: 20, samples: 12, tiers: [0, 2, 4], operating: static-16}
              dataset:
                uses: dataset
                deps: {tokens: collect.tokens, items: collect.items}
                params: {tiers: [0, 2, 4], target_bits: 1.5}
              train:
                uses: train
                deps: {dataset: dataset.dataset, rarity: collect.rarity}
                params: {predict: loss, hidden: [8], epochs: 40}
              evaluate:
                uses: evaluate
                deps: {model: "${params.model}", data: "${params.items}", controller: train.controller}
                params: {unit: text, skip: 20, limit: 10, policies: "static-16,learned-1.5,random-1.333@1,static-0+recent8"}
            """);

        Outcome run = Akv.RunHere("run", "--pipeline", path);

        Assert.True(run.Code == 0, run.Error);
        Assert.InRange(Json("dataset/summary.json").GetProperty("label_bits").GetProperty("train").GetDouble(), 0.5, 1.5);
        JsonElement[] policies = [.. Json("evaluate/evaluation.json").GetProperty("policies").EnumerateArray()];
        JsonElement learned = policies.Single(policy => policy.GetProperty("policy").GetString() == "learned-1.5+sinks1");
        Assert.InRange(learned.GetProperty("nominal_bits").GetDouble(), 0.7, 2.3);
        Assert.True(learned.GetProperty("tiers").GetProperty("0").GetInt64() > 0);
        Assert.All(policies, policy => Assert.InRange(policy.GetProperty("divergence").GetProperty("kl").GetDouble(), 0, 20));

        JsonElement Json(string file) => JsonElement.Parse(File.ReadAllText(folder.PathOf($"artifacts/pipeline/{file}")));
    }
}
