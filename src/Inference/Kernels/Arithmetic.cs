namespace AdaptiveKv.Inference.Kernels;

/// <summary>How matrix products are computed.</summary>
public enum Arithmetic
{
    /// <summary>Float activations against dequantized weights: the reference.</summary>
    Float,

    /// <summary>Activations as two int8 planes per 32 columns against packed weights: the fast path.</summary>
    Int8,

    /// <summary>Activations as one int8 plane per 32 columns (llama.cpp's q8_1): faster for prompts and batches of 4-bit weights, and less exact.</summary>
    Int8Single,
}
