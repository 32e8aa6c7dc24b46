using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>Bits by layer: measured, kept in the transform's file, used by every stage that reads it, and chosen from by a controller.</summary>
public sealed class AllocateTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void LayersGetTheBitsThatTheyNeedAndAControllerChoosesAmongTheTiers()
    {
        Outcome run = Akv.RunHere("run", "--pipeline", Pipeline());

        Assert.True(run.Code == 0, run.Error);
        using JsonDocument summary = JsonDocument.Parse(File.ReadAllText(folder.PathOf("artifacts/pipeline/allocate/summary.json")));
        JsonElement tier = summary.RootElement.GetProperty("tiers").GetProperty("k3v2");
        Assert.True(tier.GetProperty("loss").GetDouble() < tier.GetProperty("loss_uniform").GetDouble(), tier.ToString());
        string widths = tier.GetProperty("keys").GetString() + tier.GetProperty("values").GetString();
        Assert.Equal(2.5, widths.Average(width => width - '0'));
        JsonElement[] even = Policies("even"), layered = Policies("layered");
        Assert.Equal(Of(even, "static-k3v2").GetProperty("effective_bits").GetDouble(), Of(layered, "static-k3v2").GetProperty("effective_bits").GetDouble());
        Assert.NotEqual(Kl(even, "static-k3v2"), Kl(layered, "static-k3v2"));
        Assert.NotEqual(Kl(even, "static-3"), Kl(layered, "static-3"));
        Assert.Equal(Kl(even, "static-2"), Kl(layered, "static-2"));
        Assert.Contains(Of(layered, "learned-2.75").GetProperty("tiers").EnumerateObject(), tokens => tokens.Name is "k3v2" or "k4v3");
        using JsonDocument layeredRun = JsonDocument.Parse(File.ReadAllText(folder.PathOf("artifacts/pipeline/layered/evaluation.json")));
        Assert.Contains(layeredRun.RootElement.GetProperty("verdict").EnumerateArray(), line => line.GetString()!.Contains("static-k3v2+sinks1 at 2.75 bits of coded tokens", StringComparison.Ordinal));
    }

    [Fact]
    public void TheSameBytesComeFromOneThread()
    {
        string plain = folder.PathOf("plain.safetensors");
        Assert.Equal(0, Akv.RunHere("calibrate", "--model", SharedFiles.MicroModel, "--data", Text, "--tokens", "512", "--window", "128", "--output", plain).Code);
        foreach (string threads in (string[])["1", "2"])
        {
            Outcome run = Akv.RunWith(
                new Dictionary<string, string> { ["DOTNET_PROCESSOR_COUNT"] = threads },
                "allocate", "--model", SharedFiles.MicroModel, "--data", Text, "--transform", plain, "--tokens", "128", "--window", "64",
                "--allocated", folder.PathOf($"layers{threads}.safetensors"), "--summary", folder.PathOf($"summary{threads}.json"));
            Assert.True(run.Code == 0, run.Error);
        }

        Assert.Equal(File.ReadAllBytes(folder.PathOf("layers1.safetensors")), File.ReadAllBytes(folder.PathOf("layers2.safetensors")));
        Assert.Equal(File.ReadAllText(folder.PathOf("summary1.json")), File.ReadAllText(folder.PathOf("summary2.json")));
    }

    [Fact]
    public void TiersThatCannotBeSpreadAreRefused()
    {
        string plain = folder.PathOf("plain.safetensors");
        Assert.Equal(0, Akv.RunHere("calibrate", "--model", SharedFiles.MicroModel, "--data", Text, "--tokens", "256", "--window", "128", "--output", plain).Code);

        Outcome run = Akv.RunHere(
            "allocate", "--model", SharedFiles.MicroModel, "--data", Text, "--transform", plain, "--tiers", "8", "--allocated", folder.PathOf("l.safetensors"), "--summary", folder.PathOf("s.json"));

        Assert.Equal(2, run.Code);
        Assert.Contains("--tiers: [0]: '8': expected tiers of 2 to 4 bits", run.Error, StringComparison.Ordinal);
    }

    private static string Text => Path.Combine(SharedFiles.Micro, "items_train.jsonl");

    private static double Kl(JsonElement[] policies, string name) => Of(policies, name).GetProperty("divergence").GetProperty("kl").GetDouble();

    private static JsonElement Of(JsonElement[] policies, string name) => policies.Single(policy => policy.GetProperty("policy").GetString() == name + "+sinks1");

    private JsonElement[] Policies(string stage)
    {
        using JsonDocument evaluation = JsonDocument.Parse(File.ReadAllText(folder.PathOf($"artifacts/pipeline/{stage}/evaluation.json")));
        return [.. evaluation.RootElement.GetProperty("policies").EnumerateArray().Select(policy => policy.Clone())];
    }

    private string Pipeline()
    {
        string path = folder.PathOf("pipeline.yaml");
        File.WriteAllText(path, $$"""
            params: {model: "{{SharedFiles.MicroModel}}", items: "{{SharedFiles.Micro}}/items_validation.jsonl"}
            stages:
              calibrate:
                uses: calibrate
                deps: {model: "${params.model}", data: "{{Text}}"}
                params: {tokens: 1024, window: 128}
              allocate:
                uses: allocate
                deps: {model: "${params.model}", data: "{{Text}}", transform: calibrate.transform}
                params: {tokens: 512, window: 128}
              collect:
                uses: collect
                deps: {model: "${params.model}", data: "${params.items}", transform: allocate.allocated}
                params: {limit: 20, samples: 10, tiers: [2, k3v2, 3, k4v3, 4], operating: static-16}
              dataset:
                uses: dataset
                deps: {tokens: collect.tokens, items: collect.items}
                params: {tiers: [2, k3v2, 3, k4v3, 4], target_bits: 2.5}
              train:
                uses: train
                deps: {dataset: dataset.dataset, rarity: collect.rarity}
                params: {predict: loss, hidden: [8], epochs: 30}
              even:
                uses: evaluate
                deps: {model: "${params.model}", data: "${params.items}", transform: calibrate.transform}
                params: {unit: text, skip: 100, limit: 10, policies: "static-16,static-2,static-3,static-k3v2"}
              layered:
                uses: evaluate
                deps: {model: "${params.model}", data: "${params.items}", transform: allocate.allocated, controller: train.controller}
                params: {unit: text, skip: 100, limit: 10, policies: "static-16,static-2,static-3,static-k3v2", targets: [2.75], seeds: 1}
            """);
        return path;
    }
}
