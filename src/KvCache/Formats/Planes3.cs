using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>3-bit codes: two vectors of 2-bit planes (the low bits), then one vector of eight 1-bit planes (the high bit).</summary>
internal readonly unsafe struct Planes3 : IPlanes
{
    private const int HighBits = 64;

    public static int Bits => 3;

    public static int Offset => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Plane(byte* chunk, int plane)
    {
        Vector256<ushort> high = Avx.LoadVector256(chunk + HighBits).AsUInt16();
        high = plane >= 2 ? Avx2.ShiftRightLogical(high, (byte)(plane - 2)) : Avx2.ShiftLeftLogical(high, (byte)(2 - plane));
        return Avx2.Or(Planes2.Plane(chunk, plane), Avx2.And(high.AsByte(), Vector256.Create((byte)4)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> HalfPlane(byte* chunk, int plane, int half)
    {
        Vector128<ushort> high = Vector128.Load(chunk + HighBits + (16 * half)).AsUInt16();
        high = plane >= 2 ? high >>> (plane - 2) : high << (2 - plane);
        return Planes2.HalfPlane(chunk, plane, half) | (high.AsByte() & Vector128.Create((byte)4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> weights) => ByteDot.Narrow(sums, codes, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Dot(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights, [ConstantExpected(Max = (byte)3)] byte four) => ByteDot.Narrow(sums, codes, weights, four);

    public static void Write(byte* chunk, int plane, Vector256<byte> codes, Vector256<byte> mask)
    {
        Planes2.Write(chunk, plane, codes & Vector256.Create((byte)3), mask);
        byte* cells = chunk + HighBits;
        Vector256.ConditionalSelect(mask & Vector256.Create((byte)(1 << plane)), (((codes & Vector256.Create((byte)4)).AsUInt32() >>> 2) << plane).AsByte(), Vector256.Load(cells)).Store(cells);
    }

    public static int Get(byte* chunk, int plane, int index) =>
        Planes2.Get(chunk, plane, index) | (((chunk[HighBits + index] >> plane) & 1) << 2);
}
