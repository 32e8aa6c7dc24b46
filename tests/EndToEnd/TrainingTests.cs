namespace AdaptiveKv.EndToEnd;

/// <summary>From the embedded model to a controller, stage after stage.</summary>
public sealed class TrainingTests
{
    // Of the command line: a dependency is missing.
    private const int Missing = 66;

    [Fact]
    public void TheSameTablesGiveTheSameControllerWithoutAvx2()
    {
        using TemporaryFolder folder = new();
        string tokens = folder.PathOf("tokens"), items = folder.PathOf("items"), rarity = folder.PathOf("rarity"), dataset = folder.PathOf("dataset");
        Outcome collected = Akv.Run(
            "collect", "--model", Tests.SharedFiles.MicroModel, "--data", Path.Combine(Tests.SharedFiles.Micro, "items_train.jsonl"),
            "--limit", "30", "--samples", "6", "--tokens", tokens, "--items", items, "--rarity", rarity, "--summary", folder.PathOf("collected"));
        Assert.SkipWhen(collected.Code == Missing && collected.Error.Contains("DuckDB", StringComparison.Ordinal), "needs DuckDB: run ./akv setup");
        Assert.True(collected.Code == 0, collected.Error);
        Outcome labelled = Akv.Run(
            "dataset", "--tokens", tokens, "--items", items, "--target-bits", "3", "--dataset", dataset, "--summary", folder.PathOf("labelled"));
        Assert.True(labelled.Code == 0, labelled.Error);

        Dictionary<string, byte[]> Outs(string name, Func<string[], Outcome> run)
        {
            Dictionary<string, string> outs = new[] { "controller", "history", "metrics" }.ToDictionary(kind => kind, kind => folder.PathOf($"{kind}-{name}"));
            Outcome outcome = run(
                ["train", "--dataset", dataset, "--rarity", rarity, "--epochs", "20", .. outs.SelectMany(kind => new[] { $"--{kind.Key}", kind.Value })]);
            Assert.True(outcome.Code == 0, outcome.Error);
            return outs.ToDictionary(kind => kind.Key, kind => File.ReadAllBytes(kind.Value));
        }

        Assert.Equal(Outs("with", Akv.Run), Outs("without", Akv.RunWithoutAvx2));
    }
}
