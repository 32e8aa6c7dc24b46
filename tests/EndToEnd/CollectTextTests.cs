using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>The log of a plain text, whose windows stand for items.</summary>
public sealed class CollectTextTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WindowsAreCollectedAsItemsAre()
    {
        Outcome run = Collect(string.Join(' ', Enumerable.Range(1, 200).Select(line => $"On line {line} stands a word.")), "--samples", "3", "--limit", "4", "--skip", "1");

        Assert.True(run.Code == 0, run.Error);
        using JsonDocument summary = JsonDocument.Parse(File.ReadAllText(folder.PathOf("summary.json")));
        Assert.Equal(4, summary.RootElement.GetProperty("items").GetInt32());
        Assert.Equal(4 * 48, summary.RootElement.GetProperty("tokens").GetInt32());
        Assert.Equal(4 * 3, summary.RootElement.GetProperty("sampled_tokens").GetInt32());
        Outcome places = Akv.RunHere("data", "sql", folder.PathOf("tokens"), "SELECT DISTINCT CAST(item AS INTEGER) % 48 AS rest FROM t", "--json");
        Assert.True(places.Code == 0, places.Error);
        Assert.Equal([0], JsonDocument.Parse(places.Output).RootElement.EnumerateArray().Select(row => row.GetProperty("rest").GetInt32()));
    }

    [Fact]
    public void ATextShorterThanAWindowIsRefused()
    {
        Outcome run = Collect("One word and another.");

        Assert.Equal(65, run.Code);
        Assert.Contains("less than a window of 48: take a longer text, or shorter windows", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ATextHasNoShots()
    {
        Outcome run = Collect("One word and another.", "--shots", "2");

        Assert.Equal(2, run.Code);
        Assert.Contains("is a plain text, which has no questions: take a file of items, or no shots", run.Error, StringComparison.Ordinal);
    }

    private Outcome Collect(string text, params string[] more)
    {
        File.WriteAllText(folder.PathOf("text.txt"), text);
        return Akv.RunHere(
        [
            "collect", "--model", SharedFiles.MicroModel, "--data", folder.PathOf("text.txt"), "--window", "48", "--tokens", folder.PathOf("tokens"),
            "--items", folder.PathOf("items"), "--rarity", folder.PathOf("rarity.safetensors"), "--summary", folder.PathOf("summary.json"), .. more,
        ]);
    }
}
