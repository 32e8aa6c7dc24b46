using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>The output of one shard of long work: some of the segments of an out.</summary>
internal sealed class ShardLog : ISegmentLog
{
    private readonly ShardSegments segments;
    private readonly Range range;
    private readonly string extension;
    private readonly string temporary;
    private readonly SortedDictionary<int, ManifestEntry> known = [];
    private readonly List<int> own = [];

    /// <param name="segments">Of all shards.</param>
    /// <param name="range">Those of this one.</param>
    /// <param name="extension">Of the segments' names: ".parquet".</param>
    /// <param name="scratch">A folder on the same disk that no other process writes to.</param>
    public ShardLog(ShardSegments segments, Range range, string extension, string scratch)
    {
        (this.segments, this.range, this.extension) = (segments, range, extension);
        temporary = Path.Combine(scratch, $"segment{extension}");
        DurableFolder.Create(segments.Folder);
        foreach (int index in Indexes())
        {
            if (segments.Find(index) is { } entry)
            {
                known.Add(index, entry);
            }
        }
    }

    /// <inheritdoc/>
    public int Committed => known.Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => [.. known.Values.Select(entry => Path.Combine(segments.Folder, entry.Path))];

    /// <inheritdoc/>
    public SegmentRange Own(long items, long itemsPerSegment)
    {
        long first = range.Start.Value * itemsPerSegment;
        return new SegmentRange(range.Start.Value, first, Math.Min(range.End.Value * itemsPerSegment, items) - first);
    }

    /// <inheritdoc/>
    public IEnumerable<SegmentRange> Remaining(long items, long itemsPerSegment)
    {
        foreach (int index in Indexes().Where(index => !known.ContainsKey(index)))
        {
            // Another process that runs the same shard may have done it meanwhile.
            if (segments.Find(index) is { } entry)
            {
                known.Add(index, entry);
            }
            else
            {
                yield return SegmentRange.Of(index, items, itemsPerSegment);
            }
        }
    }

    /// <inheritdoc/>
    public void Commit(SegmentRange segment, Action<string> write)
    {
        write(temporary);
        known.Add(segment.Index, segments.Commit(segment.Index, temporary, extension));
        own.Add(segment.Index);
    }

    /// <inheritdoc/>
    public void Discard() => own.ForEach(segments.Remove);

    private IEnumerable<int> Indexes() => Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value);
}
