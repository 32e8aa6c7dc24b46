using AdaptiveKv.KvCache;
using AdaptiveKv.Tables;

namespace AdaptiveKv.Training.Datasets;

/// <summary>Reads the columns of the "items" table that labels hang on.</summary>
internal static class ItemTable
{
    private const string Item = "item";
    private const string Correct = "correct";

    /// <summary>Outcomes by item.</summary>
    /// <param name="paths">The table's segments.</param>
    /// <param name="tiers">The tiers to choose from.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidDataException">A segment is damaged, of another kind or newer, or an item occurs twice.</exception>
    public static IReadOnlyDictionary<string, ItemOutcome> Read(IReadOnlyList<string> paths, IReadOnlyList<KvTier> tiers, CancellationToken cancellation)
    {
        string[] kept = [.. tiers.Select(tier => $"{Correct}_{tier}")];
        TableSchema schema = new("items", 2,
        [
            new TableColumn(Item, ColumnType.String),
            new TableColumn(Correct, ColumnType.Boolean),
            .. kept.Select(name => new TableColumn(name, ColumnType.Boolean) { Optional = true }),
        ]);
        Dictionary<string, ItemOutcome> items = new(StringComparer.Ordinal);
        foreach (string path in paths)
        {
            using TableReader reader = TableReader.Open(path, schema);
            foreach (TableBatch batch in reader.Read([Item, Correct, .. kept], cancellation))
            {
                for (int row = 0; row < batch.Rows; row++)
                {
                    string item = batch.Values<string>(Item)[row];
                    bool?[] outcomes = [.. kept.Select(name => batch.IsNull(name, row) ? (bool?)null : batch.Values<bool>(name)[row])];
                    if (!items.TryAdd(item, new ItemOutcome(batch.Values<bool>(Correct)[row], outcomes)))
                    {
                        throw new InvalidDataException($"{path}: item '{item}' occurs twice: collect again");
                    }
                }
            }
        }

        return items;
    }
}
