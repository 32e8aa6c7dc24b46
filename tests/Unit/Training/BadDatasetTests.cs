using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Training;
using AdaptiveKv.Unit.Policies.Budgets;
using AdaptiveKv.Unit.Torch;

namespace AdaptiveKv.Unit.Training;

/// <summary>Tables that no stage wrote, or that were damaged since: one clear error, and no controller.</summary>
public sealed class BadDatasetTests : IDisposable
{
    private static readonly TableSchema Schema = DatasetTable.For([SaliencyFeature.Entropy], [KvTier.Of(BitWidth.Two), KvTier.Of(BitWidth.Four)]);

    private readonly StageTrial trial = new();

    public BadDatasetTests() => TorchHere.Require();

    public void Dispose() => trial.Dispose();

    [Fact]
    public void A_sound_one_is_learned_from()
    {
        trial.Run(TrainStage.Kind, Dep(Write(Schema)), new { epochs = 1 });

        Assert.True(File.Exists(trial["controller"]));
    }

    [Fact]
    public void A_newer_one_needs_a_newer_akv() => Refused("use a newer akv", Write(new TableSchema(Schema.Name, Schema.Version + 1, Schema.Columns)));

    [Fact]
    public void A_feature_without_values_is_named() => Refused("feature 'entropy' has no value in any training row", Write(Schema, entropy: _ => null));

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 4)]
    public void One_label_teaches_nothing(int label, int bits) =>
        Refused($"every training row is labelled {bits} bits, so there is nothing to learn", Write(Schema, label: _ => label));

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public void A_label_beyond_the_tiers_is_named(int label) => Refused($"label {label} is none of 0 to 1", Write(Schema, label: _ => label));

    [Theory]
    [InlineData("test", "split 'test' is unknown")]
    [InlineData("train", "the validation split is empty")]
    [InlineData("validation", "the train split is empty")]
    public void A_split_that_is_missing_or_unknown_is_named(string split, string problem) => Refused(problem, Write(Schema, split: _ => split));

    [Theory]
    [InlineData(float.MaxValue)]
    [InlineData(float.MinValue)]
    [InlineData(float.Epsilon)]
    public void Numbers_at_the_ends_of_the_range_end_in_a_controller_or_in_one_error(float extreme)
    {
        string path = Write(Schema, entropy: row => row % 7 == 0 ? extreme : row, loss: row => row % 11 == 0 ? extreme : 0f);

        Assert.True(Ends(path) is null or InvalidDataException or ArithmeticException);
    }

    [Fact]
    public void A_damaged_one_is_refused_or_reads_as_another_and_nothing_else()
    {
        const int Mutants = 60;
        byte[] whole = File.ReadAllBytes(Write(Schema));
        int refused = 0;
        for (int seed = 0; seed < Mutants; seed++)
        {
            string path = trial[$"mutant-{seed}"];
            File.WriteAllBytes(path, Mutate(whole, new CounterRandom((ulong)seed)));
            Exception? problem = Ends(path);
            Assert.True(problem is null or InvalidDataException or ArithmeticException, $"mutant {seed}: {problem}");
            refused += problem is null ? 0 : 1;
        }

        Assert.InRange(refused, Mutants / 4, Mutants);
    }

    [Fact]
    public void Damaged_tokens_give_no_dataset_but_a_sound_one()
    {
        byte[] whole = File.ReadAllBytes(CollectedTables.WriteTokens(trial["tokens"], 20));
        Dictionary<string, string> deps = new() { ["tokens"] = trial["mutant"], ["items"] = CollectedTables.WriteItems(trial["items"], 20) };
        for (int seed = 0; seed < 60; seed++)
        {
            File.WriteAllBytes(trial["mutant"], Mutate(whole, new CounterRandom((ulong)seed)));
            File.Delete(trial["dataset"]);
            Exception? problem = Record.Exception(() => trial.Run(DatasetStage.Kind, deps));
            Assert.True(problem is null or InvalidDataException, $"mutant {seed}: {problem}");
            if (problem is null)
            {
                TableReader reader = TableReader.Open(trial["dataset"], DatasetTable.Common);
                Assert.All(reader.Column<int>("label"), label => Assert.InRange(label, 0, 3));
            }
        }
    }

    [Fact]
    public void Damaged_tokens_rescale_nothing_or_a_controller()
    {
        byte[] whole = File.ReadAllBytes(CollectedTables.WriteTokens(trial["tokens"], 20));
        ControllerFile.Write(trial["controller"], BudgetedCache.Controller);
        Dictionary<string, string> deps = new() { ["tokens"] = trial["mutant"], ["controller"] = trial["controller"] };
        int refused = 0;
        for (int seed = 0; seed < 30; seed++)
        {
            File.WriteAllBytes(trial["mutant"], Mutate(whole, new CounterRandom((ulong)seed)));
            Exception? problem = Record.Exception(() => trial.Run(RescaleStage.Kind, deps));
            Assert.True(problem is null or InvalidDataException, $"mutant {seed}: {problem}");
            refused += problem is null ? 0 : 1;
        }

        Assert.InRange(refused, 8, 30);
    }

    private static Dictionary<string, string> Dep(string path) => new() { ["dataset"] = path };

    // A cut, or up to three bits turned over, half of them in the footer.
    private static byte[] Mutate(byte[] original, CounterRandom random)
    {
        if (random.Uniform(0, 0) < 0.2)
        {
            return original[..(int)(original.Length * random.Uniform(0, 1))];
        }

        byte[] content = [.. original];
        int footer = BitConverter.ToInt32(content, content.Length - 8) + 8;
        for (ulong i = 0; i < 1 + (random.Bits(0, 2) % 3); i++)
        {
            int from = random.Uniform(i, 3) < 0.5 ? content.Length - footer : 0;
            content[from + (int)(random.Uniform(i, 4) * (content.Length - from))] ^= (byte)(1 << (int)(random.Bits(i, 5) % 8));
        }

        return content;
    }

    private string Write(
        TableSchema schema, Func<int, float?>? entropy = null, Func<int, int>? label = null, Func<int, string>? split = null, Func<int, float>? loss = null)
    {
        string path = trial["dataset.parquet"];
        using TableWriter writer = new(path, schema);
        for (int row = 0; row < 200; row++)
        {
            writer.Add($"item-{row / 10}").Add(row % 10).Add(split?.Invoke(row) ?? (row % 50 < 10 ? DatasetTable.Validation : DatasetTable.Train));
            _ = (entropy ?? (n => n % 4))(row) is { } value ? writer.Add(value) : writer.AddNull();
            writer.Add(label?.Invoke(row) ?? (row % 4 > 1 ? 1 : 0)).Add(loss?.Invoke(row) ?? (row % 4 > 1 ? 0.1f : 0f)).Add(0f);
            writer.EndRow();
        }

        writer.Complete();
        return path;
    }

    // Null where a controller came of it; there is none of it otherwise.
    private Exception? Ends(string dataset)
    {
        File.Delete(trial["controller"]);
        Exception? problem = Record.Exception(() => trial.Run(TrainStage.Kind, Dep(dataset), new { epochs = 1, hidden = new[] { 8 } }));
        Assert.Equal(problem is null, File.Exists(trial["controller"]));
        return problem;
    }

    private void Refused(string problem, string dataset)
    {
        Exception? exception = Ends(dataset);
        Assert.Contains(problem, Assert.IsType<InvalidDataException>(exception).Message, StringComparison.Ordinal);
        Assert.Contains(dataset, exception!.Message, StringComparison.Ordinal);
    }
}
