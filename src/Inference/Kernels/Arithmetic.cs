namespace AdaptiveKv.Inference.Kernels;

/// <summary>How matrix products are computed.</summary>
public enum Arithmetic
{
    /// <summary>Float activations against dequantized weights: the reference.</summary>
    Float,

    /// <summary>Activations as two int8 planes per 32 columns against packed weights: the fast path.</summary>
    Int8,
}
