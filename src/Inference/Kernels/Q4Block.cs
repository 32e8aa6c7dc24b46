using AdaptiveKv.KvCache;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>4-bit weights with scale and minimum (Q4_1; Q4_0 with minimum -8 d): 128 bytes of codes, 8 scales and 8 minima in binary16.</summary>
internal readonly unsafe struct Q4Block : IWeightBlock
{
    /// <summary>Offset of the scales.</summary>
    public const int ScaleOffset = 128;

    /// <summary>Offset of the minima.</summary>
    public const int MinimumOffset = ScaleOffset + (8 * sizeof(ushort));

    public static int Offset => 0;

    public static int PairBytes => 32;

    public static int Bytes => MinimumOffset + (8 * sizeof(ushort));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Plane(byte* block, int plane) => Planes4.Plane(block, plane);

    /// <summary>Two neighbouring planes of two blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Planes(byte* first, byte* second, out Vector512<byte> plane, out Vector512<byte> next)
    {
        Vector512<byte> both = Vector256.Load(first).ToVector512Unsafe().WithUpper(Vector256.Load(second)), mask = Vector512.Create((byte)0x0F);
        (plane, next) = (both & mask, (both.AsUInt16() >>> 4).AsByte() & mask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Words(byte* first, byte* second, out Vector512<byte> even, out Vector512<byte> odd, out Vector512<byte> nextEven, out Vector512<byte> nextOdd)
    {
        Vector512<ushort> both = Vector256.Load((ushort*)first).ToVector512Unsafe().WithUpper(Vector256.Load((ushort*)second)), mask = Vector512.Create((ushort)0x0F);
        (even, odd) = ((both & mask).AsByte(), ((both >>> 8) & mask).AsByte());
        (nextEven, nextOdd) = (((both >>> 4) & mask).AsByte(), (both >>> 12).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> HalfPlane(byte* block, int plane, int half) => Planes4.HalfPlane(block, plane, half);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> weights) => ByteDot.Narrow(sums, codes, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Dot(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights, [ConstantExpected(Max = (byte)3)] byte four) => ByteDot.Narrow(sums, codes, weights, four);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* block, out Vector256<float> scale, out Vector256<float> minimum)
    {
        scale = Binary16.Widen8((ushort*)(block + ScaleOffset));
        minimum = Binary16.Widen8((ushort*)(block + MinimumOffset));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* first, byte* second, out Vector512<float> scale, out Vector512<float> minimum)
    {
        scale = Binary16.Widen16((ushort*)(first + ScaleOffset), (ushort*)(second + ScaleOffset));
        minimum = Binary16.Widen16((ushort*)(first + MinimumOffset), (ushort*)(second + MinimumOffset));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void HalfScales(byte* block, int half, out Vector128<float> scale, out Vector128<float> minimum)
    {
        scale = Binary16.Widen4((ushort*)(block + ScaleOffset) + (4 * half));
        minimum = Binary16.Widen4((ushort*)(block + MinimumOffset) + (4 * half));
    }

    public static int Code(byte* block, int row, int column) => Planes4.Get(block, column / 4, (4 * row) + (column % 4));

    public static (float Scale, float Minimum) RowScale(byte* block, int row) =>
        (Binary16.Widen(((ushort*)(block + ScaleOffset))[row]), Binary16.Widen(((ushort*)(block + MinimumOffset))[row]));
}
