using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// Two octets of 4-bit weights at a time in 512-bit vectors. A code is at most 15, so the products of eight planes stay within 16 bits
/// (8 * 2 * 15 * 128 = 30,720) and one multiply-add per plane of the activations ends a block. Sums and their order are those of
/// <see cref="Int8Product{TBlock}"/>, to the bit.
/// </summary>
internal static unsafe class Q4Product512
{
    /// <summary>Rows of one call.</summary>
    public const int Rows = 2 * PackedMatrix.OctetRows;

    /// <summary>One activation row; sixteen sums.</summary>
    public static void One(byte* first, byte* second, int blocks, sbyte* codes, float* scales, float* blockSums, float* sums)
    {
        Vector512<float> sum = default;
        int ahead = Rows / PackedMatrix.OctetRows * blocks * Q4Block.Bytes;
        for (int b = 0; b < blocks; b++)
        {
            Prefetch(first + ahead);
            Prefetch(second + ahead);
            Q4Block.Planes(first, second, out Vector512<byte> p0, out Vector512<byte> p1);
            Q4Block.Planes(first + Q4Block.PairBytes, second + Q4Block.PairBytes, out Vector512<byte> p2, out Vector512<byte> p3);
            Q4Block.Planes(first + (2 * Q4Block.PairBytes), second + (2 * Q4Block.PairBytes), out Vector512<byte> p4, out Vector512<byte> p5);
            Q4Block.Planes(first + (3 * Q4Block.PairBytes), second + (3 * Q4Block.PairBytes), out Vector512<byte> p6, out Vector512<byte> p7);
            Q4Block.Scales(first, second, out Vector512<float> scale, out Vector512<float> minimum);
            sum = Finish(Dot(codes, p0, p1, p2, p3, p4, p5, p6, p7), scale, minimum, scales[b], blockSums[b], sum);
            first += Q4Block.Bytes;
            second += Q4Block.Bytes;
            codes += QuantizedRows.BlockBytes;
        }

        sum.Store(sums);
    }

    /// <summary>Four activation rows, <paramref name="blocks"/> blocks apart; sums [4][16].</summary>
    public static void Four(byte* first, byte* second, int blocks, sbyte* codes, float* scales, float* blockSums, float* sums)
    {
        int stride = blocks * QuantizedRows.BlockBytes, ahead = Rows / PackedMatrix.OctetRows * blocks * Q4Block.Bytes;
        Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (int b = 0; b < blocks; b++)
        {
            Prefetch(first + ahead);
            Prefetch(second + ahead);
            Q4Block.Planes(first, second, out Vector512<byte> p0, out Vector512<byte> p1);
            Q4Block.Planes(first + Q4Block.PairBytes, second + Q4Block.PairBytes, out Vector512<byte> p2, out Vector512<byte> p3);
            Q4Block.Planes(first + (2 * Q4Block.PairBytes), second + (2 * Q4Block.PairBytes), out Vector512<byte> p4, out Vector512<byte> p5);
            Q4Block.Planes(first + (3 * Q4Block.PairBytes), second + (3 * Q4Block.PairBytes), out Vector512<byte> p6, out Vector512<byte> p7);
            Q4Block.Scales(first, second, out Vector512<float> scale, out Vector512<float> minimum);
            int next = b;
            sum0 = Finish(Dot(codes, p0, p1, p2, p3, p4, p5, p6, p7), scale, minimum, scales[next], blockSums[next], sum0);
            next += blocks;
            sum1 = Finish(Dot(codes + stride, p0, p1, p2, p3, p4, p5, p6, p7), scale, minimum, scales[next], blockSums[next], sum1);
            next += blocks;
            sum2 = Finish(Dot(codes + (2 * stride), p0, p1, p2, p3, p4, p5, p6, p7), scale, minimum, scales[next], blockSums[next], sum2);
            next += blocks;
            sum3 = Finish(Dot(codes + (3 * stride), p0, p1, p2, p3, p4, p5, p6, p7), scale, minimum, scales[next], blockSums[next], sum3);
            first += Q4Block.Bytes;
            second += Q4Block.Bytes;
            codes += QuantizedRows.BlockBytes;
        }

        sum0.Store(sums);
        sum1.Store(sums + 16);
        sum2.Store(sums + 32);
        sum3.Store(sums + 48);
    }

    // Two short streams that jump at every pair of octets: the hardware's prefetchers lose them, so the next pair is asked for here.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* block)
    {
        Sse.Prefetch0(block);
        Sse.Prefetch0(block + 64);
        Sse.Prefetch0(block + 128);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Dot(
        sbyte* codes, Vector512<byte> p0, Vector512<byte> p1, Vector512<byte> p2, Vector512<byte> p3,
        Vector512<byte> p4, Vector512<byte> p5, Vector512<byte> p6, Vector512<byte> p7)
    {
        Vector512<short> high = Products(p0, codes) + Products(p1, codes + 4);
        high += Products(p2, codes + 8) + Products(p3, codes + 12);
        high += Products(p4, codes + 16) + Products(p5, codes + 20);
        high += Products(p6, codes + 24) + Products(p7, codes + 28);
        codes += QuantizedRows.BlockColumns;
        Vector512<short> low = Products(p0, codes) + Products(p1, codes + 4);
        low += Products(p2, codes + 8) + Products(p3, codes + 12);
        low += Products(p4, codes + 16) + Products(p5, codes + 20);
        low += Products(p6, codes + 24) + Products(p7, codes + 28);
        return Avx512BW.MultiplyAddAdjacent(high, Vector512.Create((short)QuantizedRows.HighWeight))
            + Avx512BW.MultiplyAddAdjacent(low, Vector512.Create((short)1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Products(Vector512<byte> plane, sbyte* codes) =>
        Avx512BW.MultiplyAddAdjacent(plane, Vector512.Create(*(int*)codes).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Finish(
        Vector512<int> dot, Vector512<float> scale, Vector512<float> minimum, float inputScale, float inputSum, Vector512<float> sum)
    {
        sum = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(dot) * inputScale, scale, sum);
        return Vector512.FusedMultiplyAdd(minimum, Vector512.Create(inputSum), sum);
    }
}
