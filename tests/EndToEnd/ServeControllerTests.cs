using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>A server where a controller chooses the tiers of all requests.</summary>
public sealed partial class ServeControllerTests : IDisposable
{
    private const string Prompt = "ring library. Leo: lamp office. then lamp library. Mia: then ring office. Now ring";

    private readonly TemporaryFolder folder = new();
    private readonly string controller;

    public ServeControllerTests()
    {
        controller = folder.PathOf("controller.safetensors");
        ControllerFile.Write(controller, SampleController.Of(predictsLoss: false));
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Alone a request says what <c>generate</c> says; answers that share a prompt decode together, and the metrics show their bits.</summary>
    [Theory]
    [InlineData]
    [InlineData("--policy", "learned+sinks1+recent4")]
    [InlineData("--target-bits", "5.5")]
    [InlineData("--kv-budget", "200kB")]
    public async Task ItChoosesForEveryRequest(params string[] keeping)
    {
        using ServedModel server = new(SharedFiles.MicroModel, ["--controller", controller, .. keeping]);
        JsonElement alone = server.Ask("v1/completions", new { prompt = Prompt, max_tokens = 24, temperature = 0 });
        JsonElement together = server.Ask("v1/completions", new { prompt = Prompt + " phone. Mia: hat tower. Now ring", max_tokens = 60, temperature = 2, n = 8 });

        if (keeping is not ["--kv-budget", ..])
        {
            Outcome generated = Akv.Run(["generate", "--json", "--model", SharedFiles.MicroModel, "--prompt", Prompt, "--max-tokens", "24", "--controller", controller, .. keeping]);
            Assert.Equal(JsonElement.Parse(generated.Output).GetProperty("text").GetString(), alone.GetProperty("choices")[0].GetProperty("text").GetString());
        }

        JsonElement usage = together.GetProperty("usage");
        Assert.StartsWith("learned", usage.GetProperty("kv_cache").GetProperty("policy").GetString(), StringComparison.Ordinal);
        Assert.True(usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32() > 100, "the prompt was read more than once");
        Assert.True(server.Metric("akv_decode_steps_total") < server.Metric("akv_generated_tokens_total") / 2, "sequences did not decode together");
        (string Tier, double Tokens)[] tiers = [.. Tiers().Matches(await server.Client.GetStringAsync("metrics", TestContext.Current.CancellationToken))
            .Select(match => (match.Groups["tier"].Value, double.Parse(match.Groups["tokens"].Value, CultureInfo.InvariantCulture)))];
        Assert.True(tiers.Count(tier => tier.Tokens > 0 && tier.Tier != "16") > 1, string.Join(", ", tiers));
        Assert.Equal(server.Metric("akv_cache_tokens"), tiers.Sum(tier => tier.Tokens));
        Assert.InRange(server.Metric("akv_cache_peak_bytes"), 1, keeping is ["--kv-budget", ..] ? 200_000 : double.MaxValue);
    }

    [Theory]
    [InlineData("--target-bits sets the bits of a controller's choices, and none ships for this model", "--target-bits", "3")]
    [InlineData("--target-bits and --kv-budget both set", "--controller", "", "--target-bits", "3", "--kv-budget", "1MB")]
    [InlineData("--kv-budget sets the bits from token to token, and so does --policy learned-3", "--controller", "", "--policy", "learned-3", "--kv-budget", "1MB")]
    [InlineData("--policy does not name 'learned'", "--controller", "", "--policy", "static-4")]
    public void WhatContradictsItIsRefused(string words, params string[] arguments) => Akv
        .Run(["serve", "--model", SharedFiles.MicroModel, .. arguments.Select(argument => argument.Length == 0 ? controller : argument)])
        .IsRefused(2, words);

    [GeneratedRegex("""akv_cache_tokens\{tier="(?<tier>[^"]+)"\} (?<tokens>\d+)""")]
    private static partial Regex Tiers();
}
