namespace AdaptiveKv.Inference.Decoding;

/// <summary>A place of a session's sequence that branches start at, with the tokens that waited there for their tiers.</summary>
internal sealed class BranchPoint
{
    internal BranchPoint(StagedTail staged) => Staged = staged;

    internal StagedTail Staged { get; }
}
