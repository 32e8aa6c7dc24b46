using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>The queries of all heads that share one KV head, in float for 16-bit keys and in int8 for coded keys.</summary>
/// <param name="Heads">Query heads in the block.</param>
/// <param name="HeadDim">Elements per head.</param>
/// <param name="GroupSize">Elements per scale group of the keys.</param>
/// <param name="Values">[Heads][HeadDim], in the cache's space, scaled by 1/sqrt(HeadDim).</param>
/// <param name="Codes">[Heads][HeadDim] int8.</param>
/// <param name="Scales">[Heads]: value = code * scale.</param>
/// <param name="Sums">[Heads][HeadDim / GroupSize]: exact sums of the float values, which multiply a group's minimum.</param>
internal readonly unsafe record struct QueryBlock(
    int Heads, int HeadDim, int GroupSize, nint Values, nint Codes, nint Scales, nint Sums)
{
    private const float CodeLevels = 127f;

    /// <summary>Scale groups per head.</summary>
    public int Groups => HeadDim / GroupSize;

    /// <summary>First float query of a head.</summary>
    public float* Row(int head) => (float*)Values + (head * HeadDim);

    /// <summary>First int8 query of a head.</summary>
    public sbyte* CodeRow(int head) => (sbyte*)Codes + (head * HeadDim);

    /// <summary>Scale of a head's int8 query.</summary>
    public float Scale(int head) => ((float*)Scales)[head];

    /// <summary>Sum of a head's query over one group.</summary>
    public float Sum(int head, int group) => ((float*)Sums)[(head * Groups) + group];

    /// <summary>Fills codes, scales and sums from the float values.</summary>
    public void Quantize()
    {
        for (int head = 0; head < Heads; head++)
        {
            ReadOnlySpan<float> row = new(Row(head), HeadDim);
            float largest = Largest(row);
            ((float*)Scales)[head] = largest / CodeLevels;
            Encode(Row(head), largest > 0f ? CodeLevels / largest : 0f, CodeRow(head));
            for (int group = 0; group < Groups; group++)
            {
                ((float*)Sums)[(head * Groups) + group] = TensorPrimitives.Sum(row.Slice(group * GroupSize, GroupSize));
            }
        }
    }

    // Of the magnitudes; NaN where there is one.
    private static float Largest(ReadOnlySpan<float> row)
    {
        Vector256<float> top = default;
        foreach (Vector256<float> values in MemoryMarshal.Cast<float, Vector256<float>>(row))
        {
            top = Vector256.Max(top, Vector256.Abs(values));
        }

        Vector128<float> four = Vector128.Max(top.GetLower(), top.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
    }

    private void Encode(float* row, float inverse, sbyte* codes)
    {
        const int Lanes = 4;
        for (int i = 0; i < HeadDim; i += 2 * Lanes)
        {
            Vector128<int> low = Vector128.ConvertToInt32(Vector128.Round(Vector128.Load(row + i) * inverse));
            Vector128<int> high = Vector128.ConvertToInt32(Vector128.Round(Vector128.Load(row + i + Lanes) * inverse));
            Vector128<short> words = Vector128.Narrow(low, high);
            *(long*)(codes + i) = Vector128.Narrow(words, words).AsInt64().ToScalar();
        }
    }
}
