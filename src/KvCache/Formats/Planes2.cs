using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>2-bit codes: four planes per vector.</summary>
internal readonly unsafe struct Planes2 : IPlanes
{
    private const byte Mask = 0x03;

    public static int Bits => 2;

    public static int Offset => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Plane(byte* chunk, int plane) =>
        Avx2.And(Avx2.ShiftRightLogical(Avx.LoadVector256(chunk + (32 * (plane / 4))).AsUInt16(), (byte)(2 * (plane % 4))).AsByte(), Vector256.Create(Mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> HalfPlane(byte* chunk, int plane, int half) =>
        Vector128.ShiftRightLogical(Vector128.Load(chunk + (32 * (plane / 4)) + (16 * half)).AsUInt16(), 2 * (plane % 4)).AsByte() & Vector128.Create(Mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> weights) => ByteDot.Narrow(sums, codes, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Dot(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights, [ConstantExpected(Max = (byte)3)] byte four) => ByteDot.Narrow(sums, codes, weights, four);

    public static void Write(byte* chunk, int plane, Vector256<byte> codes, Vector256<byte> mask)
    {
        byte* cells = chunk + (32 * (plane / 4));
        int shift = 2 * (plane % 4);
        Vector256.ConditionalSelect(mask & Vector256.Create((byte)(Mask << shift)), (codes.AsUInt32() << shift).AsByte(), Vector256.Load(cells)).Store(cells);
    }

    public static int Get(byte* chunk, int plane, int index) => (chunk[(32 * (plane / 4)) + index] >> (2 * (plane % 4))) & Mask;
}
