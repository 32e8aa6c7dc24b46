using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// The weights of eight packed rows in float, [column][8], as the float product reads them. Scales are binary16, so scale * code is exact in
/// binary32 and a weight is rounded once, by the addition of the minimum: with or without fused arithmetic the result is the same.
/// </summary>
internal static unsafe class OctetValues
{
    private const int BlockFloats = PackedMatrix.BlockColumns * PackedMatrix.OctetRows;

    /// <summary>Dequantizes one octet.</summary>
    /// <param name="octet">First byte of the octet.</param>
    /// <param name="columns">A multiple of 32.</param>
    /// <param name="values">[columns][8].</param>
    public static void Dequantize<TBlock>(byte* octet, int columns, float* values)
        where TBlock : struct, IWeightBlock
    {
        for (int b = 0; b < columns / PackedMatrix.BlockColumns; b++, octet += TBlock.Bytes, values += BlockFloats)
        {
            if (Avx2.IsSupported)
            {
                Vector<TBlock>(octet, values);
            }
            else
            {
                Narrow<TBlock>(octet, values);
            }
        }
    }

    private static void Vector<TBlock>(byte* block, float* values)
        where TBlock : struct, IWeightBlock
    {
        TBlock.Scales(block, out Vector256<float> scale, out Vector256<float> minimum);
        Plane(TBlock.Plane(block, 0), scale, minimum, values);
        Plane(TBlock.Plane(block, 1), scale, minimum, values + 32);
        Plane(TBlock.Plane(block, 2), scale, minimum, values + 64);
        Plane(TBlock.Plane(block, 3), scale, minimum, values + 96);
        Plane(TBlock.Plane(block, 4), scale, minimum, values + 128);
        Plane(TBlock.Plane(block, 5), scale, minimum, values + 160);
        Plane(TBlock.Plane(block, 6), scale, minimum, values + 192);
        Plane(TBlock.Plane(block, 7), scale, minimum, values + 224);
    }

    // Lane r of the plane holds four neighbouring columns of row r, one per byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Plane(Vector256<byte> codes, Vector256<float> scale, Vector256<float> minimum, float* values)
    {
        Vector256<int> lanes = codes.AsInt32();
        Vector256<int> mask = Vector256.Create(0xFF);
        Weights(lanes & mask, scale, minimum).Store(values);
        Weights((lanes >>> 8) & mask, scale, minimum).Store(values + 8);
        Weights((lanes >>> 16) & mask, scale, minimum).Store(values + 16);
        Weights(lanes >>> 24, scale, minimum).Store(values + 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Weights(Vector256<int> codes, Vector256<float> scale, Vector256<float> minimum) =>
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(codes), scale, minimum);

    // For processors without 256-bit vectors: four rows at a time.
    private static void Narrow<TBlock>(byte* block, float* values)
        where TBlock : struct, IWeightBlock
    {
        for (int half = 0; half < 2; half++)
        {
            TBlock.HalfScales(block, half, out Vector128<float> scale, out Vector128<float> minimum);
            float* target = values + (4 * half);
            for (int plane = 0; plane < 8; plane++)
            {
                Vector128<int> lanes = TBlock.HalfPlane(block, plane, half).AsInt32();
                for (int column = 0; column < 4; column++, lanes >>>= 8, target += PackedMatrix.OctetRows)
                {
                    ((Vector128.ConvertToSingle(lanes & Vector128.Create(0xFF)) * scale) + minimum).Store(target);
                }
            }
        }
    }
}
