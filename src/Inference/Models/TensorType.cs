namespace AdaptiveKv.Inference.Models;

/// <summary>Element types of stored tensors; the values are GGUF's type ids (ggml.h, enum ggml_type).</summary>
public enum TensorType
{
    /// <summary>IEEE binary32.</summary>
    F32 = 0,

    /// <summary>IEEE binary16.</summary>
    F16 = 1,

    /// <summary>32 weights: f16 scale d, 4-bit q; w = d (q - 8).</summary>
    Q4_0 = 2,

    /// <summary>32 weights: f16 scale d and minimum m, 4-bit q; w = d q + m.</summary>
    Q4_1 = 3,

    /// <summary>32 weights: f16 scale d, 5-bit q; w = d (q - 16).</summary>
    Q5_0 = 6,

    /// <summary>32 weights: f16 scale d and minimum m, 5-bit q; w = d q + m.</summary>
    Q5_1 = 7,

    /// <summary>32 weights: f16 scale d, signed 8-bit q; w = d q.</summary>
    Q8_0 = 8,

    /// <summary>256 weights in 8 sub-blocks with 6-bit scales and minima, 4-bit q.</summary>
    Q4_K = 12,

    /// <summary>256 weights in 8 sub-blocks with 6-bit scales and minima, 5-bit q.</summary>
    Q5_K = 13,

    /// <summary>256 weights in 16 sub-blocks with 8-bit scales, 6-bit q.</summary>
    Q6_K = 14,

    /// <summary>bfloat16: the upper half of binary32.</summary>
    BF16 = 30,
}
