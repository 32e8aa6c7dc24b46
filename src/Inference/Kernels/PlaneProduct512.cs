using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// Products of 32 rows of 4-bit weights with eight activation rows at a time, of activations that are one int8 plane: twice as many products in an instruction as
/// 16-bit codes allow. A code is at most 15, so the sums of a block stay within 16 bits (32 * 15 * 127 / 2 = 30,480). The integers are those that
/// <see cref="EightProduct512"/> would find with the same activations, and what becomes of them in float is the same, to the bit.
/// </summary>
internal static unsafe class PlaneProduct512
{
    private const int Rows = EightProduct512.Rows;

    /// <summary>Eight activation rows, sums [8][<see cref="WordTile.Rows"/>] are added to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Eight(PackedMatrix weights, int octet, int last, QuantizedRows inputs, int inputRow, float* sums)
    {
        int stride = weights.Columns / PackedMatrix.BlockColumns;
        nint row = (nint)stride * QuantizedRows.BlockBytes;
        nint ahead = (nint)weights.OctetBytes * WordTile.Octets;
        sbyte* codes = inputs.Codes(inputRow, weights.Columns);
        float* scales = inputs.Scales(inputRow, weights.Columns), blockSums = inputs.Sums(inputRow, weights.Columns);
        byte* block0 = weights.Octet(octet), block1 = weights.Octet(Math.Min(octet + 1, last)), block2 = weights.Octet(Math.Min(octet + 2, last)), block3 = weights.Octet(Math.Min(octet + 3, last));
        for (int b = 0; b < stride; b++)
        {
            Vector512<short> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
            Vector512<short> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default;
            EightProduct512.Prefetch<Q4Block>(block0 + ahead);
            EightProduct512.Prefetch<Q4Block>(block1 + ahead);
            EightProduct512.Prefetch<Q4Block>(block2 + ahead);
            EightProduct512.Prefetch<Q4Block>(block3 + ahead);
            for (int pair = 0; pair < 4 * Q4Block.PairBytes; pair += Q4Block.PairBytes)
            {
                Q4Block.Planes(block0 + pair, block1 + pair, out Vector512<byte> first0, out Vector512<byte> first1);
                Q4Block.Planes(block2 + pair, block3 + pair, out Vector512<byte> second0, out Vector512<byte> second1);
                Add(first0, second0, codes, row, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                Add(first1, second1, codes + 4, row, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                codes += 8;
            }

            Q4Block.Scales(block0, block1, out Vector512<float> scale, out Vector512<float> minimum);
            Q4Block.Scales(block2, block3, out Vector512<float> scale2, out Vector512<float> minimum2);
            Finish(a0, b0, scale, scale2, minimum, minimum2, scales[b], blockSums[b], sums);
            Finish(a1, b1, scale, scale2, minimum, minimum2, scales[b + stride], blockSums[b + stride], sums + WordTile.Rows);
            Finish(a2, b2, scale, scale2, minimum, minimum2, scales[b + (2 * stride)], blockSums[b + (2 * stride)], sums + (2 * WordTile.Rows));
            Finish(a3, b3, scale, scale2, minimum, minimum2, scales[b + (3 * stride)], blockSums[b + (3 * stride)], sums + (3 * WordTile.Rows));
            Finish(a4, b4, scale, scale2, minimum, minimum2, scales[b + (4 * stride)], blockSums[b + (4 * stride)], sums + (4 * WordTile.Rows));
            Finish(a5, b5, scale, scale2, minimum, minimum2, scales[b + (5 * stride)], blockSums[b + (5 * stride)], sums + (5 * WordTile.Rows));
            Finish(a6, b6, scale, scale2, minimum, minimum2, scales[b + (6 * stride)], blockSums[b + (6 * stride)], sums + (6 * WordTile.Rows));
            Finish(a7, b7, scale, scale2, minimum, minimum2, scales[b + (7 * stride)], blockSums[b + (7 * stride)], sums + (7 * WordTile.Rows));
            block0 += Q4Block.Bytes;
            block1 += Q4Block.Bytes;
            block2 += Q4Block.Bytes;
            block3 += Q4Block.Bytes;
            codes += QuantizedRows.BlockBytes - QuantizedRows.BlockColumns;
        }
    }

    // Four columns for all rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        Vector512<byte> first, Vector512<byte> second, sbyte* codes, nint row,
        ref Vector512<short> a0, ref Vector512<short> a1, ref Vector512<short> a2, ref Vector512<short> a3, ref Vector512<short> a4, ref Vector512<short> a5, ref Vector512<short> a6, ref Vector512<short> a7,
        ref Vector512<short> b0, ref Vector512<short> b1, ref Vector512<short> b2, ref Vector512<short> b3, ref Vector512<short> b4, ref Vector512<short> b5, ref Vector512<short> b6, ref Vector512<short> b7)
    {
        Add(first, second, codes, ref a0, ref b0);
        Add(first, second, codes + row, ref a1, ref b1);
        Add(first, second, codes + (2 * row), ref a2, ref b2);
        Add(first, second, codes + (3 * row), ref a3, ref b3);
        Add(first, second, codes + (4 * row), ref a4, ref b4);
        Add(first, second, codes + (5 * row), ref a5, ref b5);
        Add(first, second, codes + (6 * row), ref a6, ref b6);
        Add(first, second, codes + (7 * row), ref a7, ref b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector512<byte> first, Vector512<byte> second, sbyte* codes, ref Vector512<short> a, ref Vector512<short> b)
    {
        Vector512<sbyte> input = Vector512.Create(*(int*)codes).AsSByte();
        a += Avx512BW.MultiplyAddAdjacent(first, input);
        b += Avx512BW.MultiplyAddAdjacent(second, input);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(
        Vector512<short> first, Vector512<short> second, Vector512<float> scale, Vector512<float> scale2, Vector512<float> minimum, Vector512<float> minimum2, float input, float inputSum, float* sums)
    {
        Vector512<short> weight = Vector512.Create((short)QuantizedRows.HighWeight);
        EightProduct512.Finish(Avx512BW.MultiplyAddAdjacent(first, weight), Avx512BW.MultiplyAddAdjacent(second, weight), scale, scale2, minimum, minimum2, input, inputSum, sums);
    }
}
