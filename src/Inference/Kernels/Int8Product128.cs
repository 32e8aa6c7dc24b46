using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// Integer dots of packed weights with int8 activations in 128-bit vectors, for processors without wider ones: lanes are four of an octet's
/// rows. The integer sums are those of <see cref="Int8Product{TBlock}"/>.
/// </summary>
/// <typeparam name="TBlock">Weight format.</typeparam>
internal static unsafe class Int8Product128<TBlock>
    where TBlock : struct, IWeightBlock
{
    private const int Lanes = 4;

    /// <summary>One activation row; eight sums.</summary>
    public static void One(byte* octet, int blocks, sbyte* codes, float* scales, float* blockSums, float* sums)
    {
        for (int half = 0; half < 2; half++)
        {
            byte* block = octet;
            Vector128<float> sum = default;
            for (int b = 0; b < blocks; b++, block += TBlock.Bytes)
            {
                Planes planes = new(block, half);
                TBlock.HalfScales(block, half, out Vector128<float> scale, out Vector128<float> minimum);
                sum = Finish(planes.Dot(codes + (b * QuantizedRows.BlockBytes)), scale, minimum, scales[b], blockSums[b], sum);
            }

            sum.Store(sums + (half * Lanes));
        }
    }

    /// <summary>Four activation rows, <paramref name="blocks"/> blocks apart; sums [4][8].</summary>
    public static void Four(byte* octet, int blocks, sbyte* codes, float* scales, float* blockSums, float* sums)
    {
        int stride = blocks * QuantizedRows.BlockBytes;
        for (int half = 0; half < 2; half++)
        {
            byte* block = octet;
            sbyte* code = codes;
            Vector128<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            for (int b = 0; b < blocks; b++, block += TBlock.Bytes, code += QuantizedRows.BlockBytes)
            {
                Planes planes = new(block, half);
                TBlock.HalfScales(block, half, out Vector128<float> scale, out Vector128<float> minimum);
                sum0 = Finish(planes.Dot(code), scale, minimum, scales[b], blockSums[b], sum0);
                sum1 = Finish(planes.Dot(code + stride), scale, minimum, scales[b + blocks], blockSums[b + blocks], sum1);
                sum2 = Finish(planes.Dot(code + (2 * stride)), scale, minimum, scales[b + (2 * blocks)], blockSums[b + (2 * blocks)], sum2);
                sum3 = Finish(planes.Dot(code + (3 * stride)), scale, minimum, scales[b + (3 * blocks)], blockSums[b + (3 * blocks)], sum3);
            }

            sums += half * Lanes;
            sum0.Store(sums);
            sum1.Store(sums + PackedMatrix.OctetRows);
            sum2.Store(sums + (2 * PackedMatrix.OctetRows));
            sum3.Store(sums + (3 * PackedMatrix.OctetRows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Finish(
        Vector128<int> dot, Vector128<float> scale, Vector128<float> minimum, float inputScale, float inputSum, Vector128<float> sum)
    {
        sum = Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(dot) * inputScale, scale, sum);
        return Vector128.MultiplyAddEstimate(minimum, Vector128.Create(inputSum), sum);
    }

    // Half of a block, unpacked.
    private readonly ref struct Planes
    {
        private readonly Vector128<byte> p0, p1, p2, p3, p4, p5, p6, p7;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Planes(byte* block, int half)
        {
            (p0, p1, p2, p3) = (TBlock.HalfPlane(block, 0, half), TBlock.HalfPlane(block, 1, half), TBlock.HalfPlane(block, 2, half), TBlock.HalfPlane(block, 3, half));
            (p4, p5, p6, p7) = (TBlock.HalfPlane(block, 4, half), TBlock.HalfPlane(block, 5, half), TBlock.HalfPlane(block, 6, half), TBlock.HalfPlane(block, 7, half));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector128<int> Dot(sbyte* codes) => (Side(codes) << 8) + Side(codes + QuantizedRows.BlockColumns);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector128<int> Side(sbyte* codes)
        {
            Vector128<int> sum = TBlock.Dot(Vector128<int>.Zero, p0, Dword(codes));
            sum = TBlock.Dot(sum, p1, Dword(codes + 4));
            sum = TBlock.Dot(sum, p2, Dword(codes + 8));
            sum = TBlock.Dot(sum, p3, Dword(codes + 12));
            sum = TBlock.Dot(sum, p4, Dword(codes + 16));
            sum = TBlock.Dot(sum, p5, Dword(codes + 20));
            sum = TBlock.Dot(sum, p6, Dword(codes + 24));
            return TBlock.Dot(sum, p7, Dword(codes + 28));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<sbyte> Dword(sbyte* codes) => Vector128.Create(*(int*)codes).AsSByte();
    }
}
