using System.Globalization;
using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>The figures of the tutorial are those that its first command makes.</summary>
public sealed class TutorialTests
{
    /// <summary>Its static policies need neither a controller nor what one learns from.</summary>
    [Fact]
    public void TheTableIsThatOfTheQuickstart()
    {
        using PipelineFolder folder = new();
        string[][] rows =
        [
            .. File.ReadLines(Path.Combine(SharedFiles.Repository, "docs/tutorial.md"))
                .Where(line => line.StartsWith("| static-", StringComparison.Ordinal))
                .Select(line => line.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
        ];

        Assert.NotEmpty(rows);
        Outcome outcome = Akv.RunHere("run", "calibrate", "--pipeline", folder.Yaml);
        Assert.True(outcome.Code == 0, outcome.Error);
        outcome = Akv.RunHere(
            "evaluate", "--json", "--model", SharedFiles.MicroModel, "--data", Path.Combine(SharedFiles.Micro, "items_validation.jsonl"), "--limit", "100", "--seed", "42",
            "--transform", folder["calibrate/transform.safetensors"], "--policies", string.Join(',', rows.Select(row => row[0])));
        Assert.True(outcome.Code == 0, outcome.Error);
        Dictionary<string, JsonElement> policies = JsonElement.Parse(outcome.Output).GetProperty("policies").EnumerateArray().ToDictionary(policy => policy.GetProperty("policy").GetString()!);
        Assert.All(rows, row =>
        {
            JsonElement policy = policies[row[0]], accuracy = policy.GetProperty("accuracy");
            // One item of 100 is a point, and a single item can carry the divergence at 2 bits; processors round floats differently.
            Assert.Equal(100.0 * accuracy.GetProperty("successes").GetInt32() / accuracy.GetProperty("count").GetInt32(), Number(row[1]), tolerance: 3);
            Assert.Equal(policy.GetProperty("effective_bits").GetDouble(), Number(row[2]), tolerance: 0.006);
            Assert.InRange((policy.TryGetProperty("divergence", out JsonElement divergence) ? divergence.GetProperty("kl").GetDouble() : 0), 0.5 * Number(row[3]), (2 * Number(row[3])) + 1e-4);
        });
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
