using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

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
        Vector128<float> lower = default, upper = default;
        for (int b = 0; b < blocks; b++, octet += TBlock.Bytes, codes += QuantizedRows.BlockBytes)
        {
            Inputs inputs = new(codes);
            TBlock.HalfScales(octet, 0, out Vector128<float> scale, out Vector128<float> minimum);
            lower = Finish(new Planes(octet, 0).Dot(inputs), scale, minimum, scales[b], blockSums[b], lower);
            TBlock.HalfScales(octet, 1, out scale, out minimum);
            upper = Finish(new Planes(octet, 1).Dot(inputs), scale, minimum, scales[b], blockSums[b], upper);
        }

        lower.Store(sums);
        upper.Store(sums + Lanes);
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
                sum0 = Finish(planes.Dot(new Inputs(code)), scale, minimum, scales[b], blockSums[b], sum0);
                sum1 = Finish(planes.Dot(new Inputs(code + stride)), scale, minimum, scales[b + blocks], blockSums[b + blocks], sum1);
                sum2 = Finish(planes.Dot(new Inputs(code + (2 * stride))), scale, minimum, scales[b + (2 * blocks)], blockSums[b + (2 * blocks)], sum2);
                sum3 = Finish(planes.Dot(new Inputs(code + (3 * stride))), scale, minimum, scales[b + (3 * blocks)], blockSums[b + (3 * blocks)], sum3);
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

    // A block of an activation row: both planes, and what the dots leave out of it.
    private readonly ref struct Inputs
    {
        public readonly Vector128<sbyte> High, NextHigh, Low, NextLow;
        public readonly Vector128<int> LeftOut;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Inputs(sbyte* codes)
        {
            (High, NextHigh, Low, NextLow) = (Vector128.Load(codes), Vector128.Load(codes + 16), Vector128.Load(codes + QuantizedRows.BlockColumns), Vector128.Load(codes + QuantizedRows.BlockColumns + 16));
            if (TBlock.Offset != 0)
            {
                Vector128<short> high = AdvSimd.AddPairwiseWidening(High) + AdvSimd.AddPairwiseWidening(NextHigh), low = AdvSimd.AddPairwiseWidening(Low) + AdvSimd.AddPairwiseWidening(NextLow);
                Vector128<int> sums = AdvSimd.AddPairwiseWideningAndAdd(AdvSimd.AddPairwiseWidening(high) << 8, low);
                LeftOut = AdvSimd.DuplicateSelectedScalarToVector128(AdvSimd.Arm64.AddAcross(sums), 0) * TBlock.Offset;
            }
        }
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
        public Vector128<int> Dot(Inputs inputs)
        {
            Vector128<int> dot = (Side(inputs.High, inputs.NextHigh) << 8) + Side(inputs.Low, inputs.NextLow);
            return TBlock.Offset == 0 ? dot : dot + inputs.LeftOut;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector128<int> Side(Vector128<sbyte> inputs, Vector128<sbyte> next)
        {
            Vector128<int> sum = TBlock.Dot(Vector128<int>.Zero, p0, inputs, 0);
            sum = TBlock.Dot(sum, p1, inputs, 1);
            sum = TBlock.Dot(sum, p2, inputs, 2);
            sum = TBlock.Dot(sum, p3, inputs, 3);
            sum = TBlock.Dot(sum, p4, next, 0);
            sum = TBlock.Dot(sum, p5, next, 1);
            sum = TBlock.Dot(sum, p6, next, 2);
            return TBlock.Dot(sum, p7, next, 3);
        }
    }
}
