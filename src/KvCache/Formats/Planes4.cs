using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>4-bit codes: two planes per vector.</summary>
internal readonly unsafe struct Planes4 : IPlanes
{
    private const byte Mask = 0x0F;

    public static int Bits => 4;

    public static int Offset => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Plane(byte* chunk, int plane) =>
        Avx2.And(Avx2.ShiftRightLogical(Avx.LoadVector256(chunk + (32 * (plane / 2))).AsUInt16(), (byte)(4 * (plane % 2))).AsByte(), Vector256.Create(Mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> HalfPlane(byte* chunk, int plane, int half) =>
        plane % 2 == 0 ? Vector128.Load(chunk + (16 * plane) + (16 * half)) & Vector128.Create(Mask) : Vector128.Load(chunk + (16 * (plane - 1)) + (16 * half)) >>> 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> weights) => ByteDot.Narrow(sums, codes, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Dot(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights, [ConstantExpected(Max = (byte)3)] byte four) => ByteDot.Narrow(sums, codes, weights, four);

    public static void Write(byte* chunk, int plane, Vector256<byte> codes, Vector256<byte> mask)
    {
        byte* cells = chunk + (32 * (plane / 2));
        int shift = 4 * (plane % 2);
        Vector256.ConditionalSelect(mask & Vector256.Create((byte)(Mask << shift)), (codes.AsUInt32() << shift).AsByte(), Vector256.Load(cells)).Store(cells);
    }

    public static int Get(byte* chunk, int plane, int index) => (chunk[(32 * (plane / 2)) + index] >> (4 * (plane % 2))) & Mask;
}
