using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>Costs by gradients: found, fitted to measured ones, labelled with, allocated by, and the same bytes after a kill.</summary>
public sealed class FisherTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public FisherTests() => Assert.SkipUnless(Akv.RunHere("doctor").Output.Contains("ok    training", StringComparison.Ordinal), "needs libtorch");

    private static string Items => Path.Combine(SharedFiles.Micro, "items_validation.jsonl");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ControllersAndLayersLearnFromThem()
    {
        string path = folder.PathOf("pipeline.yaml");
        File.WriteAllText(path, $$"""
            params: {model: "{{SharedFiles.MicroModel}}", items: "{{Items}}"}
            stages:
              calibrate:
                uses: calibrate
                deps: {model: "${params.model}", data: "{{SharedFiles.Micro}}/items_train.jsonl"}
                params: {tokens: 1024, window: 128}
              collect:
                uses: collect
                deps: {model: "${params.model}", data: "${params.items}", transform: calibrate.transform}
                params: {limit: 20, samples: 4, tiers: [2, 3, 4, 8], operating: static-16}
              fisher:
                uses: fisher
                deps: {model: "${params.model}", data: "${params.items}", transform: calibrate.transform, tokens: collect.tokens}
                params: {limit: 20, tiers: [2, 3, 4, 8, 16]}
              dataset:
                uses: dataset
                deps: {tokens: collect.tokens, items: collect.items, costs: fisher.costs}
                params: {labels: fisher, tiers: [2, 3, 4, 8], target_bits: 3}
              train:
                uses: train
                deps: {dataset: dataset.dataset, rarity: collect.rarity}
                params: {predict: loss, hidden: [8], epochs: 20}
              allocate:
                uses: allocate
                deps: {model: "${params.model}", transform: calibrate.transform, costs: fisher.costs}
            """);

        Outcome run = Akv.RunHere("run", "--pipeline", path);

        Assert.True(run.Code == 0, run.Error);
        JsonElement fisher = Json("fisher"), dataset = Json("dataset"), two = fisher.GetProperty("tiers").GetProperty("2");
        Assert.Equal(48, two.GetProperty("measured").GetProperty("tokens").GetInt32());
        Assert.InRange(two.GetProperty("measured").GetProperty("spearman").GetDouble(), 0.4, 1);
        Assert.InRange(two.GetProperty("scale").GetDouble(), 0.1, 10);
        Assert.True(two.GetProperty("mean_cost").GetDouble() > fisher.GetProperty("tiers").GetProperty("4").GetProperty("mean_cost").GetDouble());

        // At 16 bits, which all is compared with, nothing is lost.
        Assert.InRange(fisher.GetProperty("tiers").GetProperty("16").GetProperty("scale").GetDouble(), 0, 1e-2);

        // All tokens but the first of each text.
        Assert.Equal(fisher.GetProperty("tokens").GetInt32() - 20, dataset.GetProperty("rows").EnumerateObject().Sum(split => split.Value.GetInt32()));
        Assert.InRange(dataset.GetProperty("label_bits").GetProperty("train").GetDouble(), 2, 3);
        JsonElement spread = Json("allocate").GetProperty("tiers").GetProperty("k3v2");
        Assert.True(spread.GetProperty("loss").GetDouble() < spread.GetProperty("loss_uniform").GetDouble(), spread.ToString());

        JsonElement Json(string stage) => JsonElement.Parse(File.ReadAllText(folder.PathOf($"artifacts/pipeline/{stage}/summary.json")));
    }

    /// <summary>Where endings alone count, what is measured and what gradients say still go together, a controller may see how much of the prompt is to come, and nothing joins what counts differently.</summary>
    [Fact]
    public void OfAPromptTheAnswersPredictionsCount()
    {
        string path = folder.PathOf("pipeline.yaml"), text = folder.PathOf("text.txt");
        File.WriteAllText(text, string.Join('\n', File.ReadLines(Items).Select(line => JsonElement.Parse(line).GetProperty("context").GetString())));
        File.WriteAllText(path, $$"""
            params: {model: "{{SharedFiles.MicroModel}}", items: "{{Items}}", text: "{{text}}"}
            stages:
              collect:
                uses: collect
                deps: {model: "${params.model}", data: "${params.text}"}
                params: {window: 128, limit: 16, samples: 4, tiers: [2, 3, 4], operating: static-16, prompts: true}
              fisher:
                uses: fisher
                deps: {model: "${params.model}", data: "${params.text}", tokens: collect.tokens}
                params: {window: 128, limit: 16, tiers: [2, 3, 4], prompts: true}
              dataset:
                uses: dataset
                deps: {tokens: collect.tokens, items: collect.items, costs: fisher.costs}
                params: {labels: fisher, tiers: [2, 3, 4], features: [log_remaining, key_norm], target_bits: 3}
              train:
                uses: train
                deps: {dataset: dataset.dataset}
                params: {predict: loss, hidden: [8], epochs: 20}
              evaluate:
                uses: evaluate
                deps: {model: "${params.model}", data: "${params.items}", controller: train.controller}
                params: {limit: 6, shots: 2, policies: "static-16,static-2,static-3", targets: [2.5]}
            """);

        Outcome run = Akv.RunHere("run", "--pipeline", path);

        Assert.True(run.Code == 0, run.Error);
        string artifacts = folder.PathOf("artifacts/pipeline");
        JsonElement two = JsonElement.Parse(File.ReadAllText($"{artifacts}/fisher/summary.json")).GetProperty("tiers").GetProperty("2");
        Assert.InRange(two.GetProperty("measured").GetProperty("spearman").GetDouble(), 0.4, 1);
        Assert.InRange(two.GetProperty("scale").GetDouble(), 0.1, 10);

        Outcome all = Akv.RunHere(
            "fisher", "--model", SharedFiles.MicroModel, "--data", text, "--window", "128", "--limit", "16", "--tiers", "2,3,4", "--costs", folder.PathOf("all"), "--summary", folder.PathOf("all.json"));
        Outcome mixed = Akv.RunHere(
            "dataset", "--tokens", $"{artifacts}/collect/tokens", "--items", $"{artifacts}/collect/items", "--costs", folder.PathOf("all"), "--labels", "fisher", "--tiers", "2,3,4",
            "--dataset", folder.PathOf("d.parquet"), "--summary", folder.PathOf("d.json"));
        Assert.Equal((0, 65), (all.Code, mixed.Code));
        Assert.Contains("the costs were found with prompts: false, and the tokens collected with the opposite", mixed.Error, StringComparison.Ordinal);
        Assert.True(two.GetProperty("mean_cost").GetDouble() / two.GetProperty("scale").GetDouble() < JsonElement.Parse(File.ReadAllText(folder.PathOf("all.json"))).GetProperty("tiers").GetProperty("2").GetProperty("mean_cost").GetDouble());
    }

    [Fact]
    public void AKilledRunEndsInTheSameBytes()
    {
        Outcome whole = Akv.RunHere([.. Fisher("whole"), "--threads", "1"]);
        Assert.True(whole.Code == 0, whole.Error);
        string killed = folder.PathOf("killed");

        Akv.Kill(Fisher("killed"), () => Directory.Exists(killed) && Directory.GetFiles(killed, "*.parquet").Length > 0);
        Outcome resumed = Akv.RunHere(Fisher("killed"));

        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Equal(Bytes("whole"), Bytes("killed"));
        Assert.Equal(File.ReadAllText(folder.PathOf("whole.json")), File.ReadAllText(folder.PathOf("killed.json")));

        string[] Bytes(string name) => [.. Directory.GetFiles(folder.PathOf(name), "*.parquet").Order(StringComparer.Ordinal).Select(path => $"{Path.GetFileName(path)} {Convert.ToHexString(File.ReadAllBytes(path))}")];
    }

    [Fact]
    public void WhatDoesNotGoTogetherIsRefused()
    {
        Assert.Equal(0, Akv.RunHere(Fisher("costs")).Code);
        string plain = folder.PathOf("plain.safetensors"), model = SharedFiles.MicroModel;
        Assert.Equal(0, Akv.RunHere("calibrate", "--model", model, "--data", Items, "--tokens", "256", "--window", "128", "--output", plain).Code);
        string[] allocate = ["allocate", "--model", model, "--transform", plain, "--allocated", folder.PathOf("l.safetensors"), "--summary", folder.PathOf("l.json")];

        Outcome other = Akv.RunHere([.. allocate, "--costs", folder.PathOf("costs")]);
        Outcome neither = Akv.RunHere(allocate);
        Assert.Equal(0, Akv.RunHere(Fisher("few", "2,3,4")).Code);
        Outcome few = Akv.RunHere([.. allocate, "--costs", folder.PathOf("few")]);
        Outcome labels = Akv.RunHere(
            "dataset", "--tokens", folder.PathOf("costs"), "--items", Items, "--labels", "fisher", "--dataset", folder.PathOf("d.parquet"), "--summary", folder.PathOf("d.json"));

        Assert.Equal((65, 2, 2, 65), (other.Code, neither.Code, labels.Code, few.Code));
        Assert.Contains("has no costs of tiers 8: find them again with 'akv fisher' and tiers of 2, 3, 4, 8 among others", few.Error, StringComparison.Ordinal);
        Assert.Contains("the costs are of another transform: find them again with 'akv fisher' and this transform", other.Error, StringComparison.Ordinal);
        Assert.Contains("are read from dep data, and that and dep costs are not given", neither.Error, StringComparison.Ordinal);
        Assert.Contains("labels: fisher and dep costs, of the stage fisher, go together", labels.Error, StringComparison.Ordinal);
    }

    private string[] Fisher(string name, string tiers = "2,3,4,8") =>
    [
        "fisher", "--model", SharedFiles.MicroModel, "--data", Items, "--limit", "12", "--segment", "3", "--samples", "2", "--tiers", tiers,
        "--costs", folder.PathOf(name), "--summary", folder.PathOf($"{name}.json"),
    ];
}
