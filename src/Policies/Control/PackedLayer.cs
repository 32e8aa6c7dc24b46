using System.Numerics;
using System.Runtime.InteropServices;

namespace AdaptiveKv.Policies.Control;

/// <summary>
/// A layer laid out for single rows: for each input the weights of all outputs, padded to whole vectors. Outputs lie in the lanes and the
/// inputs are added one after the other, each product rounded by itself, so that every machine gets the same bits.
/// </summary>
internal sealed class PackedLayer
{
    private static readonly int Lanes = Vector<float>.Count;

    private readonly float[] weights;
    private readonly float[] bias;

    public PackedLayer(DenseLayer layer)
    {
        Inputs = layer.Inputs;
        Stride = (layer.Outputs + Lanes - 1) / Lanes * Lanes;
        weights = new float[Inputs * Stride];
        bias = new float[Stride];
        layer.Bias.CopyTo(bias, 0);
        for (int output = 0; output < layer.Outputs; output++)
        {
            for (int input = 0; input < Inputs; input++)
            {
                weights[(input * Stride) + output] = layer.Weights[(output * Inputs) + input];
            }
        }
    }

    public int Inputs { get; }

    /// <summary>Outputs with the padding, whose values are 0.</summary>
    public int Stride { get; }

    /// <summary>y = W x + b.</summary>
    /// <param name="x">[inputs].</param>
    /// <param name="y">[stride].</param>
    public void Apply(ReadOnlySpan<float> x, Span<float> y)
    {
        bias.CopyTo(y);
        Span<Vector<float>> sums = MemoryMarshal.Cast<float, Vector<float>>(y[..Stride]);
        ReadOnlySpan<Vector<float>> columns = MemoryMarshal.Cast<float, Vector<float>>(weights);
        for (int input = 0; input < Inputs; input++)
        {
            Vector<float> value = Vector.Create(x[input]);
            ReadOnlySpan<Vector<float>> column = columns.Slice(input * sums.Length, sums.Length);
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += column[i] * value;
            }
        }
    }

    /// <summary>The same, one number at a time.</summary>
    public void ApplyScalar(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int output = 0; output < Stride; output++)
        {
            float sum = bias[output];
            for (int input = 0; input < Inputs; input++)
            {
                float product = weights[(input * Stride) + output] * x[input];
                sum += product;
            }

            y[output] = sum;
        }
    }
}
