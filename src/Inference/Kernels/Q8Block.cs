using AdaptiveKv.KvCache;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>8-bit weights (Q8_0): 256 bytes of codes offset by 128, so that they are unsigned, then 8 scales in binary16; minimum = -128 d.</summary>
internal readonly unsafe struct Q8Block : IWeightBlock
{
    /// <summary>Offset of the scales.</summary>
    public const int ScaleOffset = 256;

    /// <summary>What is added to a signed code to store it.</summary>
    public const int CodeOffset = 128;

    public static int Offset => ByteDot.Offset;

    public static int PairBytes => 64;

    public static int Bytes => ScaleOffset + (8 * sizeof(ushort));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Plane(byte* block, int plane) => Planes8.Plane(block, plane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Words(byte* first, byte* second, out Vector512<byte> even, out Vector512<byte> odd, out Vector512<byte> nextEven, out Vector512<byte> nextOdd)
    {
        Vector512<ushort> both = Vector256.Load((ushort*)first).ToVector512Unsafe().WithUpper(Vector256.Load((ushort*)second)), mask = Vector512.Create((ushort)0xFF);
        Vector512<ushort> next = Vector256.Load((ushort*)(first + 32)).ToVector512Unsafe().WithUpper(Vector256.Load((ushort*)(second + 32)));
        (even, odd) = ((both & mask).AsByte(), (both >>> 8).AsByte());
        (nextEven, nextOdd) = ((next & mask).AsByte(), (next >>> 8).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> HalfPlane(byte* block, int plane, int half) => Planes8.HalfPlane(block, plane, half);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> weights) => ByteDot.Wide(sums, codes, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Dot(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights, [ConstantExpected(Max = (byte)3)] byte four) => ByteDot.Wide(sums, codes, weights, four);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* block, out Vector256<float> scale, out Vector256<float> minimum)
    {
        scale = Binary16.Widen8((ushort*)(block + ScaleOffset));
        minimum = scale * Vector256.Create((float)-CodeOffset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* first, byte* second, out Vector512<float> scale, out Vector512<float> minimum)
    {
        scale = Binary16.Widen16((ushort*)(first + ScaleOffset), (ushort*)(second + ScaleOffset));
        minimum = scale * -CodeOffset;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void HalfScales(byte* block, int half, out Vector128<float> scale, out Vector128<float> minimum)
    {
        scale = Binary16.Widen4((ushort*)(block + ScaleOffset) + (4 * half));
        minimum = scale * -CodeOffset;
    }

    public static int Code(byte* block, int row, int column) => Planes8.Get(block, column / 4, (4 * row) + (column % 4));

    public static (float Scale, float Minimum) RowScale(byte* block, int row)
    {
        float scale = Binary16.Widen(((ushort*)(block + ScaleOffset))[row]);
        return (scale, -CodeOffset * scale);
    }
}
