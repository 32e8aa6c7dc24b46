using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Data;

namespace AdaptiveKv.Collection;

/// <summary>Writes tables of items in segments; what an unfinished run has committed is kept.</summary>
/// <param name="context">The stage's.</param>
/// <param name="size">Items of a segment.</param>
/// <param name="items">All of them.</param>
/// <param name="provenance">Kept in every segment.</param>
internal sealed class CollectionSegments(StageContext context, int size, IReadOnlyList<EncodedItem> items, IReadOnlyDictionary<string, string> provenance)
{
    /// <summary>Writes what is missing of a table.</summary>
    /// <param name="name">The out.</param>
    /// <param name="schema">Of its table.</param>
    /// <param name="title">For people.</param>
    /// <param name="collect">Goes through items and finds, in their order, what writes the rows of each.</param>
    /// <returns>The paths of all segments, of a shard its own.</returns>
    public IReadOnlyList<string> Write(string name, TableSchema schema, string title, Func<IEnumerable<EncodedItem>, IEnumerable<Action<TableWriter>>> collect) =>
        context.Segments(name, ".parquet", title, items.Count, size, (path, indexes) =>
        {
            using TableWriter writer = new(path, schema, provenance);
            foreach (Action<TableWriter> rows in collect(indexes.Select(index => items[index])))
            {
                rows(writer);
            }

            writer.Complete();
        });
}
