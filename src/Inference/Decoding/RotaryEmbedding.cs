using System.Runtime.Intrinsics;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>
/// Rotary position embedding (Su et al. 2021): each pair of dimensions turns by position * base^(-2i/d). With c and s the cosine and the
/// signed sine per dimension, y = x c + partner(x) s, the partner being the other dimension of the pair.
/// </summary>
internal sealed unsafe class RotaryEmbedding : IDisposable
{
    private readonly NativeBuffer table; // [position][2][headDim]: cosines, signed sines
    private readonly int headDim;
    private readonly RotaryLayout layout;

    public RotaryEmbedding(LlamaShape shape, int positions)
    {
        headDim = shape.HeadDim;
        layout = shape.RotaryLayout;
        table = NativeBuffer.OfFloats(2L * positions * headDim);
        int pairs = headDim / 2;
        for (int pair = 0; pair < pairs; pair++)
        {
            double frequency = Math.Pow(shape.RopeBase, -2.0 * pair / headDim);
            (int first, int second) = layout == RotaryLayout.Interleaved ? (2 * pair, (2 * pair) + 1) : (pair, pair + pairs);
            for (int position = 0; position < positions; position++)
            {
                (double sine, double cosine) = Math.SinCos(position * frequency);
                float* cosines = Row(position);
                float* sines = cosines + headDim;
                cosines[first] = cosines[second] = (float)cosine;
                sines[first] = (float)-sine;
                sines[second] = (float)sine;
            }
        }
    }

    /// <summary>Turns one head's row in place.</summary>
    public void Apply(float* row, int position)
    {
        float* cosines = Row(position);
        float* sines = cosines + headDim;
        if (!Vector256.IsHardwareAccelerated)
        {
            Scalar(row, cosines, sines);
        }
        else if (layout == RotaryLayout.Interleaved)
        {
            Interleaved(row, cosines, sines);
        }
        else
        {
            Halves(row, cosines, sines);
        }
    }

    /// <summary>Turns one head's row back.</summary>
    public void Undo(ReadOnlySpan<float> row, int position, Span<float> before)
    {
        float* cosines = Row(position);
        float* sines = cosines + headDim;
        for (int pair = 0; pair < headDim / 2; pair++)
        {
            (int i, int j) = layout == RotaryLayout.Interleaved ? (2 * pair, (2 * pair) + 1) : (pair, pair + (headDim / 2));
            before[i] = (row[i] * cosines[i]) - (row[j] * sines[i]);
            before[j] = (row[j] * cosines[j]) - (row[i] * sines[j]);
        }
    }

    public void Dispose() => table.Dispose();

    /// <summary>The reference.</summary>
    internal void Scalar(float* row, float* cosines, float* sines)
    {
        int pairs = headDim / 2;
        for (int pair = 0; pair < pairs; pair++)
        {
            (int i, int j) = layout == RotaryLayout.Interleaved ? (2 * pair, (2 * pair) + 1) : (pair, pair + pairs);
            (float x, float y) = (row[i], row[j]);
            row[i] = (x * cosines[i]) + (y * sines[i]);
            row[j] = (y * cosines[j]) + (x * sines[j]);
        }
    }

    private void Interleaved(float* row, float* cosines, float* sines)
    {
        for (int i = 0; i < headDim; i += 8)
        {
            Vector256<float> x = Vector256.Load(row + i);
            Vector256<float> partner = Vector256.Shuffle(x, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));
            Vector256.FusedMultiplyAdd(partner, Vector256.Load(sines + i), x * Vector256.Load(cosines + i)).Store(row + i);
        }
    }

    private void Halves(float* row, float* cosines, float* sines)
    {
        int half = headDim / 2;
        for (int i = 0; i < half; i += 8)
        {
            Vector256<float> x = Vector256.Load(row + i), y = Vector256.Load(row + half + i);
            Vector256.FusedMultiplyAdd(y, Vector256.Load(sines + i), x * Vector256.Load(cosines + i)).Store(row + i);
            Vector256.FusedMultiplyAdd(x, Vector256.Load(sines + half + i), y * Vector256.Load(cosines + half + i)).Store(row + half + i);
        }
    }

    private float* Row(int position) => table.Floats + (2L * position * headDim);
}
