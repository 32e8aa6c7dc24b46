using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;
using AdaptiveKv.Files;

namespace AdaptiveKv.Unit.Training;

/// <summary>Tables as collect writes them, over which a controller can learn: what a token needs depends on its entropy and its confidence.</summary>
internal static class CollectedTables
{
    public static readonly string Model = new('a', 64);

    private static readonly string[] Features = ["entropy", "rarity", "attention_variance", "confidence"];
    private static readonly string[] Increases = ["kl_2", "kl_4", "kl_8", "kl_16"];

    /// <summary>Tokens of items "item-N", some of them sampled.</summary>
    /// <param name="path">The file.</param>
    /// <param name="items">Items in it.</param>
    /// <param name="perItem">Tokens of each.</param>
    /// <param name="first">Number of the first.</param>
    /// <param name="without">A feature that no row has.</param>
    /// <param name="version">Of the table.</param>
    public static string WriteTokens(string path, int items, int perItem = 20, int first = 0, string? without = null, int version = 1)
    {
        TableSchema schema = new("tokens", version,
        [
            new TableColumn("item", ColumnType.String),
            new TableColumn("position", ColumnType.Int32),
            new TableColumn("token", ColumnType.Int32),
            .. Features.Concat(Increases).Select(name => new TableColumn(name, ColumnType.Float32) { Optional = true }),
        ]);
        CounterRandom random = new(9);
        using TableWriter writer = new(path, schema, new Dictionary<string, string> { ["model_sha256"] = Model });
        for (int item = first; item < first + items; item++)
        {
            for (int position = 0; position < perItem; position++)
            {
                ulong row = (ulong)((item * perItem) + position);
                float[] features = [.. Features.Select((_, i) => (float)(4 * random.Uniform(row, (ulong)i)))];
                writer.Add($"item-{item}").Add(position).Add((int)row % 50);
                foreach ((int i, string name) in Features.Index())
                {
                    _ = name == without ? writer.AddNull() : writer.Add(features[i]);
                }

                // One position in five was not sampled.
                foreach (float increase in Losses(features))
                {
                    _ = position % 5 == 4 ? writer.AddNull() : writer.Add(increase);
                }

                writer.EndRow();
            }
        }

        writer.Complete();
        return path;
    }

    /// <summary>Items whose teacher is right except for every fourth; item-N keeps its answer from tier N mod 4 on.</summary>
    public static string WriteItems(string path, int items)
    {
        string[] kept = ["correct_2", "correct_4", "correct_8", "correct_16"];
        TableSchema schema = new("items", 1,
        [
            new TableColumn("item", ColumnType.String),
            new TableColumn("label", ColumnType.Int32),
            new TableColumn("correct", ColumnType.Boolean),
            .. kept.Select(name => new TableColumn(name, ColumnType.Boolean) { Optional = true }),
        ]);
        using TableWriter writer = new(path, schema);
        for (int item = 0; item < items; item++)
        {
            writer.Add($"item-{item}").Add(0).Add(item % 8 < 4);
            for (int tier = 0; tier < kept.Length; tier++)
            {
                _ = item % 10 == 9 && tier == 1 ? writer.AddNull() : writer.Add(tier >= item % 4);
            }

            writer.EndRow();
        }

        writer.Complete();
        return path;
    }

    // High entropy asks for 8 bits, low confidence for 4, both for 16; the others make do with 2.
    private static float[] Losses(float[] features)
    {
        int needed = (features[0] > 2.4f ? 2 : 0) + (features[3] < 1.6f ? 1 : 0);
        return [.. Enumerable.Range(0, 4).Select(tier => tier >= needed ? -0.001f : 0.1f * (needed - tier))];
    }
}
