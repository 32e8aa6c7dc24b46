namespace AdaptiveKv.Inference;

/// <summary>How matrix products are computed.</summary>
public enum Arithmetic
{
    /// <summary>Float activations against dequantized weights: the reference.</summary>
    Float,

    /// <summary>Activations in int8 per 32 columns against packed weights: the fast path.</summary>
    Int8,
}
