using AdaptiveKv.Inference.Kernels;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>Weights of one transformer block. d = hidden width, f = feed-forward width, h = head dimension.</summary>
/// <param name="AttentionNorm">[d].</param>
/// <param name="Query">[heads * h, d].</param>
/// <param name="Key">[kvHeads * h, d].</param>
/// <param name="Value">[kvHeads * h, d].</param>
/// <param name="Output">[d, heads * h].</param>
/// <param name="FeedForwardNorm">[d].</param>
/// <param name="Gate">[f, d].</param>
/// <param name="Up">[f, d].</param>
/// <param name="Down">[d, f].</param>
internal sealed record LayerWeights(
    float[] AttentionNorm, PackedMatrix Query, PackedMatrix Key, PackedMatrix Value, PackedMatrix Output,
    float[] FeedForwardNorm, PackedMatrix Gate, PackedMatrix Up, PackedMatrix Down)
{
    /// <summary>Whether all matrices have 4 bits.</summary>
    public bool IsNarrow { get; } = Array.TrueForAll([Query, Key, Value, Output, Gate, Up, Down], matrix => matrix.Kind == WeightKind.Q4);
}
