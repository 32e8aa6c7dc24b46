using System.Text.Json;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Training;

namespace AdaptiveKv.Unit.Training;

public sealed class DatasetStageTests : IDisposable
{
    private readonly StageTrial trial = new();
    private readonly Dictionary<string, string> deps;

    public DatasetStageTests()
    {
        deps = new Dictionary<string, string>
        {
            ["tokens"] = CollectedTables.WriteTokens(trial["a.parquet"], 30) + "|" + CollectedTables.WriteTokens(trial["b.parquet"], 20, first: 30),
            ["items"] = CollectedTables.WriteItems(trial["items.parquet"], 50),
        };
    }

    public void Dispose() => trial.Dispose();

    [Fact]
    public void Tokens_are_labelled_and_split_by_item()
    {
        trial.Run(DatasetStage.Kind, deps, new { epsilon = 0.01 });

        TableReader reader = TableReader.Open(trial["dataset"], DatasetTable.Common);
        string[] items = reader.Column<string>("item");
        string[] splits = reader.Column<string>("split");
        int[] labels = reader.Column<int>("label");
        float[] entropy = reader.Column<float>("entropy");
        float[] confidence = reader.Column<float>("confidence");

        // Of 20 positions the first is skipped and 4 were not sampled.
        Assert.Equal(50 * 15, items.Length);
        Assert.DoesNotContain(0, reader.Column<int>("position"));
        Assert.Equal(50, items.Zip(splits).Distinct().Count());
        Assert.InRange(items.Zip(splits).Distinct().Count(pair => pair.Second == "validation"), 4, 18);
        Assert.All(Enumerable.Range(0, labels.Length), row => Assert.Equal((entropy[row] > 2.4f ? 2 : 0) + (confidence[row] < 1.6f ? 1 : 0), labels[row]));
        Assert.Equal(["item", "position", "split", "entropy", "rarity", "attention_variance", "confidence", "label", "loss_2", "loss_4", "loss_8", "loss_16"], reader.Metadata.Schema!.Columns.Select(column => column.Name));
        Assert.Equal(CollectedTables.Model, reader.Metadata.Provenance["model_sha256"]);
        JsonElement summary = trial.Json("summary");
        Assert.Equal(750, summary.GetProperty("rows").GetProperty("train").GetInt32() + summary.GetProperty("rows").GetProperty("validation").GetInt32());
        Assert.Equal(250, summary.GetProperty("left_out").GetInt64());
        Assert.Equal(2, summary.GetProperty("features").GetProperty("entropy").GetProperty("mean").GetDouble(), 0.15);
    }

    [Fact]
    public void Epsilon_is_solved_from_the_bits_wanted()
    {
        trial.Run(DatasetStage.Kind, deps, new { target_bits = 3.5 });
        double fewer = trial.Json("summary").GetProperty("label_bits").GetProperty("train").GetDouble();
        double wide = trial.Json("summary").GetProperty("epsilon").GetDouble();
        trial.Run(DatasetStage.Kind, deps, new { target_bits = 16 });

        Assert.InRange(fewer, 2, 3.5);
        Assert.True(wide > 0);
        Assert.Equal(0, trial.Json("summary").GetProperty("epsilon").GetDouble());
        Assert.Contains(trial.Notes, note => note.StartsWith("epsilon ", StringComparison.Ordinal));
    }

    [Fact]
    public void Labels_of_whole_items_are_what_keeps_the_teachers_answer()
    {
        trial.Run(DatasetStage.Kind, deps, new { labels = "example" });

        TableReader reader = TableReader.Open(trial["dataset"], DatasetTable.Common);
        int[] numbers = [.. reader.Column<string>("item").Select(item => int.Parse(item[5..]))];
        int[] labels = reader.Column<int>("label");
        float[] losses = reader.Column<float>("loss_2");

        // Every token of an item, except of those where a width was not tried.
        Assert.Equal(45 * 19, numbers.Length);
        Assert.All(numbers.Zip(labels), row => Assert.Equal(row.First % 8 < 4 ? row.First % 4 : 0, row.Second));
        Assert.All(numbers.Zip(losses), row => Assert.Equal(row.First % 8 < 4 && row.First % 4 > 0 ? 1 : 0, row.Second));
    }

    [Fact]
    public void The_same_inputs_give_the_same_bytes()
    {
        trial.Run(DatasetStage.Kind, deps);
        byte[][] first = [File.ReadAllBytes(trial["dataset"]), File.ReadAllBytes(trial["summary"])];
        trial.Run(DatasetStage.Kind, deps);

        Assert.Equal(first, [File.ReadAllBytes(trial["dataset"]), File.ReadAllBytes(trial["summary"])]);
    }

    [Fact]
    public void Bad_input_is_named_with_its_remedy()
    {
        Refused<ConfigurationException>("did you mean 'entropy'", new { features = new[] { "entropi" } });
        Refused<ConfigurationException>("tiers: is [4, 2]: expected two or more tiers, each of more bits than the one before", new { tiers = new[] { "4", "2" } });
        Refused<InvalidDataException>("column 'kl_3' is missing", new { tiers = new[] { "2", "3", "4" } });
        Refused<InvalidDataException>("column 'key_norm' is missing", new { features = new[] { "key_norm" } });
        deps["tokens"] = CollectedTables.WriteTokens(trial["c.parquet"], 50, without: "rarity");
        Refused<InvalidDataException>("feature 'rarity' has no value in any training row: collect it, or leave it out", new { });
        deps["tokens"] = CollectedTables.WriteTokens(trial["d.parquet"], 50, version: 2);
        Refused<InvalidDataException>("use a newer akv", new { });
        deps["tokens"] = CollectedTables.WriteTokens(trial["e.parquet"], 60);
        Refused<InvalidDataException>("item 'item-50' of the tokens is missing", new { });
        deps["tokens"] = CollectedTables.WriteTokens(trial["f.parquet"], 1);
        Refused<InvalidDataException>("no item falls into the", new { });
        deps["tokens"] = deps["items"];
        Refused<InvalidDataException>("holds a table 'items': a table 'tokens' is expected", new { });
    }

    private void Refused<T>(string problem, object given)
        where T : Exception => Assert.Contains(problem, Assert.Throws<T>(() => trial.Run(DatasetStage.Kind, deps, given)).Message, StringComparison.Ordinal);
}
