namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>The items of one segment.</summary>
/// <param name="Index">Of the segment, from 0.</param>
/// <param name="First">The first item.</param>
/// <param name="Count">How many.</param>
public readonly record struct SegmentRange(int Index, long First, long Count);
