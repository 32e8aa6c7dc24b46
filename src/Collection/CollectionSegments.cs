using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Pipeline.Artifacts;
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
    /// <param name="collect">Writes the rows of the item of an index.</param>
    /// <returns>The paths of all segments.</returns>
    public IReadOnlyList<string> Write(string name, TableSchema schema, string title, Action<int, TableWriter> collect)
    {
        SegmentLog log = context.Segments(name, ".parquet");
        return context.Reporter.Track(title, items.Count, "items", progress =>
        {
            foreach (SegmentRange range in log.Remaining(items.Count, size))
            {
                log.Commit(range, path =>
                {
                    using TableWriter writer = new(path, schema, provenance);
                    for (int index = (int)range.First; index < range.First + range.Count; index++)
                    {
                        context.Cancellation.ThrowIfCancellationRequested();
                        collect(index, writer);
                        progress.Report(index + 1);
                    }

                    writer.Complete();
                });
            }

            return log.Paths;
        }, Math.Min((long)log.Committed * size, items.Count));
    }
}
