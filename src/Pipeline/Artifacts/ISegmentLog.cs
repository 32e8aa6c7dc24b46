namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>Where the segments of an out go: of a whole run, or of one shard of it.</summary>
internal interface ISegmentLog
{
    /// <summary>Segments of its own that are done.</summary>
    int Committed { get; }

    /// <summary>The paths of its own segments that are done, in their order.</summary>
    IReadOnlyList<string> Paths { get; }

    /// <summary>The items of its own segments, as if they were one.</summary>
    /// <param name="items">Items of the whole work.</param>
    /// <param name="itemsPerSegment">Items of each segment but the last.</param>
    SegmentRange Own(long items, long itemsPerSegment);

    /// <summary>Its own segments that are still to be written, in their order.</summary>
    /// <inheritdoc cref="Own"/>
    IEnumerable<SegmentRange> Remaining(long items, long itemsPerSegment);

    /// <summary>Writes a segment. When this returns, it is never lost or written again.</summary>
    /// <param name="segment">The first of <see cref="Remaining"/>.</param>
    /// <param name="write">Writes it to a path, whole.</param>
    /// <exception cref="IOException">The disk is full or failed; the committed segments are as they were.</exception>
    void Commit(SegmentRange segment, Action<string> write);

    /// <summary>Forgets what is committed: it was made of other inputs than it seemed.</summary>
    void Discard();
}
