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
        Assert.Contains("tokens has no whole window of 48: take a longer text, a larger part or shorter windows", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Texts of many lengths, of the first half of a text alone.</summary>
    [Fact]
    public void WindowsAreOfAPartAndCutByLot()
    {
        string[] more = ["--part", "0,0.5", "--shortest", "8"];
        Outcome run = Collect(string.Join(' ', Enumerable.Range(1, 200).Select(line => $"On line {line} stands a word.")), more);

        Assert.True(run.Code == 0, run.Error);
        Outcome found = Akv.RunHere("data", "sql", folder.PathOf("tokens"), "SELECT item::INTEGER AS item, count(*) AS tokens FROM t GROUP BY item ORDER BY item::INTEGER", "--json");
        (int Item, int Tokens)[] windows = [.. JsonDocument.Parse(found.Output).RootElement.EnumerateArray().Select(row => (row.GetProperty("item").GetInt32(), row.GetProperty("tokens").GetInt32()))];
        Assert.Equal([.. Enumerable.Range(0, windows.Length).Select(window => 48 * window)], windows.Select(window => window.Item));
        Assert.All(windows, window => Assert.InRange(window.Tokens, 8, 48));
        Assert.True(windows.DistinctBy(window => window.Tokens).Count() > 3);
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
