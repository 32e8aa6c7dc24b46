using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Training.Datasets;

/// <summary>The columns of the "items" table that labels hang on.</summary>
internal sealed class ItemOutcomes
{
    private readonly Dictionary<string, ItemOutcome> items = new(StringComparer.Ordinal);
    private readonly string path;

    /// <summary>Reads them.</summary>
    /// <param name="paths">The table's segments.</param>
    /// <param name="tiers">The tiers to choose from.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidDataException">A segment is damaged, of another kind or newer, or an item occurs twice.</exception>
    public ItemOutcomes(IReadOnlyList<string> paths, IReadOnlyList<KvTier> tiers, CancellationToken cancellation)
    {
        path = paths[0];
        string[] kept = [.. tiers.Select(tier => ItemTable.CorrectAt(tier).Name)];
        TableSchema schema = ItemTable.Of([ItemTable.Item, ItemTable.Correct, .. tiers.Select(ItemTable.CorrectAt)]);
        foreach (string segment in paths)
        {
            foreach (TableBatch batch in TableReader.Open(segment, schema).Read([ItemTable.Item.Name, ItemTable.Correct.Name, .. kept], cancellation))
            {
                for (int row = 0; row < batch.Rows; row++)
                {
                    string item = batch.Values<string>(ItemTable.Item.Name)[row];
                    bool?[] outcomes = [.. kept.Select(name => batch.IsNull(name, row) ? (bool?)null : batch.Values<bool>(name)[row])];
                    if (!items.TryAdd(item, new ItemOutcome(batch.Values<bool>(ItemTable.Correct.Name)[row], outcomes)))
                    {
                        throw new InvalidDataException($"{segment}: item '{item}' occurs twice: collect again");
                    }
                }
            }
        }
    }

    /// <summary>The outcome of an item.</summary>
    /// <exception cref="InvalidDataException">The table lacks it.</exception>
    public ItemOutcome this[string item] =>
        items.TryGetValue(item, out ItemOutcome? outcome) ? outcome : throw new InvalidDataException($"{path}: item '{item}' of the tokens is missing: collect again");
}

/// <summary>How an item was answered.</summary>
/// <param name="Correct">By the teacher: the model with its cache in full precision.</param>
/// <param name="Kept">With the whole cache at each tier; null where that was not tried.</param>
internal sealed record ItemOutcome(bool Correct, IReadOnlyList<bool?> Kept)
{
    /// <summary>
    /// The published label: the cheapest tier at which the teacher's right answer stays right. Where the teacher is wrong there is nothing to
    /// keep, so the cheapest tier is; where no tier keeps the answer the dearest is. Null where a tier was not tried.
    /// </summary>
    public int? Label => Kept.Contains(null) ? null : Correct ? FirstKept() : 0;

    /// <summary>1 where a tier loses the teacher's right answer.</summary>
    public float Loss(int tier) => Correct && Kept[tier] == false ? 1f : 0f;

    private int FirstKept()
    {
        int first = 0;
        while (first < Kept.Count - 1 && Kept[first] == false)
        {
            first++;
        }

        return first;
    }
}
