using System.Numerics.Tensors;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>Gated activation (Shazeer 2020): y = gate * sigmoid(gate) * up.</summary>
internal static class SwiGlu
{
    /// <param name="gate">[n].</param>
    /// <param name="up">[n].</param>
    /// <param name="output">[n]; none of the inputs.</param>
    public static void Apply(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> output)
    {
        if (gate.IsEmpty)
        {
            return; // A sigmoid of nothing is refused.
        }

        TensorPrimitives.Sigmoid(gate, output);
        TensorPrimitives.Multiply(output, gate, output);
        TensorPrimitives.Multiply(output, up, output);
    }
}
