using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>A small dataset of the micro model, collected once for the examples.</summary>
public sealed class ExampleDataset : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ExampleDataset()
    {
        string items = PathOf("c/items"), tokens = PathOf("c/tokens");
        Done("collect", "--model", SharedFiles.MicroModel, "--data", System.IO.Path.Combine(SharedFiles.Micro, "items_train.jsonl"), "--limit", "40", "--samples", "8", "--tiers", "2,3,4,8",
            "--tokens", tokens, "--items", items, "--rarity", PathOf("c/rarity.safetensors"), "--summary", PathOf("c/summary.json"));
        Done("dataset", "--tokens", tokens, "--items", items, "--target-bits", "3", "--labels", "counterfactual", "--tiers", "2,3,4,8", "--dataset", Path, "--summary", PathOf("d/summary.json"));
    }

    public string Path => PathOf("d/dataset.parquet");

    public string PathOf(string name) => folder.PathOf(name);

    public void Dispose() => folder.Dispose();

    private static void Done(params string[] arguments)
    {
        Outcome outcome = Akv.RunHere(arguments);
        Assert.True(outcome.Code == 0, outcome.Error);
    }
}
