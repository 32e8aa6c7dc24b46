using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>The log of items after answered questions.</summary>
public sealed class CollectShotsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EveryItemBeginsWithTheSameTokens()
    {
        int[] plain = Different("0"), shots = Different("2");

        Assert.True(plain[..20].Sum() > 20, string.Join(' ', plain));
        Assert.All(shots[..20], tokens => Assert.Equal(1, tokens));
        Assert.True(shots.Length > plain.Length + 20);
        Assert.Equal(3, shots.Max());
    }

    /// <summary>By position, how many different tokens the items have there.</summary>
    private int[] Different(string shots)
    {
        string tokens = folder.PathOf($"tokens{shots}");
        Outcome run = Akv.RunHere(
            "collect", "--model", SharedFiles.MicroModel, "--data", Path.Combine(SharedFiles.Micro, "items_validation.jsonl"), "--limit", "3", "--shots", shots, "--tokens", tokens,
            "--items", folder.PathOf($"items{shots}"), "--rarity", folder.PathOf("rarity.safetensors"), "--summary", folder.PathOf("summary.json"));
        Assert.True(run.Code == 0, run.Error);
        Outcome different = Akv.RunHere("data", "sql", tokens, "SELECT CAST(count(DISTINCT token) AS INTEGER) AS different FROM t GROUP BY position ORDER BY position", "--json");
        Assert.True(different.Code == 0, different.Error);
        return [.. JsonDocument.Parse(different.Output).RootElement.EnumerateArray().Select(row => row.GetProperty("different").GetInt32())];
    }
}
