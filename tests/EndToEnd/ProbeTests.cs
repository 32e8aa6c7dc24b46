using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>A probe is fitted to hidden states and costs by gradients, read while other tokens are collected, trained with, and carried by the controller into the decode loop.</summary>
public sealed class ProbeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ProbeTests() => Assert.SkipUnless(Akv.RunHere("doctor").Output.Contains("ok    training", StringComparison.Ordinal), "needs libtorch");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AControllerLearnsFromWhatAProbeReads()
    {
        string path = folder.PathOf("pipeline.yaml");
        File.WriteAllText(path, $$"""
            params: {model: "{{SharedFiles.MicroModel}}", items: "{{SharedFiles.Micro}}/items_validation.jsonl"}
            stages:
              hidden:
                uses: collect
                deps: {model: "${params.model}", data: "${params.items}"}
                params: {limit: 30, hidden_layer: 2}
              costs:
                uses: fisher
                deps: {model: "${params.model}", data: "${params.items}"}
                params: {limit: 60, tiers: [2, 3, 4]}
              probe:
                uses: probe
                deps: {tokens: hidden.tokens, costs: costs.costs}
              collect:
                uses: collect
                deps: {model: "${params.model}", data: "${params.items}", probe: probe.probe}
                params: {skip: 30, limit: 30}
              dataset:
                uses: dataset
                deps: {tokens: collect.tokens, items: collect.items, costs: costs.costs}
                params: {labels: fisher, tiers: [2, 3, 4], features: [probe, log_position], target_bits: 3}
              train:
                uses: train
                deps: {dataset: dataset.dataset, probe: probe.probe}
                params: {predict: loss, hidden: [8], epochs: 40}
              evaluate:
                uses: evaluate
                deps: {model: "${params.model}", data: "${params.items}", controller: train.controller}
                params: {unit: text, skip: 60, limit: 10, policies: "static-16,static-2,static-2+recent4,learned-3.25"}
            """);

        Outcome run = Akv.RunHere("run", "--pipeline", path);

        Assert.True(run.Code == 0, run.Error);
        Assert.InRange(Json("probe/summary.json").GetProperty("explained").GetDouble(), 0.05, 1);
        Assert.True(Json("dataset/summary.json").GetProperty("features").GetProperty("probe").GetProperty("std").GetDouble() > 0);
        JsonElement evaluation = Json("evaluate/evaluation.json");
        JsonElement learned = evaluation.GetProperty("policies").EnumerateArray().Single(policy => policy.GetProperty("policy").GetString() == "learned-3.25+sinks1");
        Assert.True(learned.GetProperty("tiers").EnumerateObject().Count(tier => tier.Value.GetInt64() > 0) > 2, "one tier for all");
        JsonElement equal = Assert.Single(evaluation.GetProperty("equal_memory").EnumerateArray());
        Assert.StartsWith("static-2", equal.GetProperty("chance").GetString(), StringComparison.Ordinal);

        Outcome generated = Akv.RunHere("generate", "--model", SharedFiles.MicroModel, "--prompt", "ring", "--max-tokens", "8", "--policy", "learned-3.25", "--controller", folder.PathOf("artifacts/pipeline/train/controller.safetensors"));
        Assert.True(generated.Code == 0, generated.Error);

        JsonElement Json(string file) => JsonElement.Parse(File.ReadAllText(folder.PathOf($"artifacts/pipeline/{file}")));
    }

    [Theory]
    [InlineData("99", "hidden_layer is 99: expected 1 to")]
    [InlineData("1", "hidden_layer is 1: expected 2, the layer of dep probe")]
    public void ALayerThatCannotBeIsRefused(string layer, string problem)
    {
        string[] probe = layer == "1" ? ["--probe", Probe()] : [];

        Outcome outcome = Akv.RunHere(
            [
                "collect", "--model", SharedFiles.MicroModel, "--data", $"{SharedFiles.Micro}/items_validation.jsonl", "--limit", "2", "--hidden-layer", layer, .. probe,
                "--tokens", folder.PathOf("t"), "--items", folder.PathOf("i"), "--rarity", folder.PathOf("r"), "--summary", folder.PathOf("s"),
            ]);

        Assert.NotEqual(0, outcome.Code);
        Assert.Contains(problem, outcome.Error, StringComparison.Ordinal);
    }

    private string Probe()
    {
        string path = folder.PathOf("probe.safetensors");
        new AdaptiveKv.Policies.Saliency.HiddenProbe(2, new float[4], 0).Write(path, new string('a', 64));
        return path;
    }
}
