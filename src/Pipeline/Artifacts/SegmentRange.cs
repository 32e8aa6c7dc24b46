namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>The items of one segment.</summary>
/// <param name="Index">Of the segment, from 0.</param>
/// <param name="First">The first item.</param>
/// <param name="Count">How many.</param>
internal readonly record struct SegmentRange(int Index, long First, long Count)
{
    /// <summary>The segment of an index.</summary>
    /// <param name="index">From 0.</param>
    /// <param name="items">Items of the whole work.</param>
    /// <param name="itemsPerSegment">Items of each segment but the last.</param>
    public static SegmentRange Of(int index, long items, long itemsPerSegment) =>
        new(index, index * itemsPerSegment, Math.Min(itemsPerSegment, items - (index * itemsPerSegment)));
}
