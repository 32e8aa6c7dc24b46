using AdaptiveKv.Inference.Decoding;

namespace AdaptiveKv.Inference;

/// <summary>A place of a <see cref="AdaptiveSession"/>'s sequence that branches start at.</summary>
/// <param name="Tokens">What waited for its tier there.</param>
/// <param name="Saliency">What was known of it.</param>
internal sealed record PolicyPoint(BranchPoint Tokens, SaliencyPoint Saliency);
