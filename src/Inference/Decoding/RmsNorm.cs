using System.Numerics.Tensors;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>Root-mean-square normalization (Zhang and Sennrich 2019): y = x / sqrt(mean(x^2) + epsilon) * weight.</summary>
internal static class RmsNorm
{
    /// <param name="input">[d].</param>
    /// <param name="weight">[d].</param>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    /// <param name="output">[d].</param>
    public static void Apply(ReadOnlySpan<float> input, ReadOnlySpan<float> weight, float epsilon, Span<float> output)
    {
        float scale = 1f / MathF.Sqrt((TensorPrimitives.SumOfSquares(input) / input.Length) + epsilon);
        TensorPrimitives.Multiply(input, scale, output);
        TensorPrimitives.Multiply(output, weight, output);
    }
}
