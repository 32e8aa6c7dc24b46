using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>8-bit codes: one plane per vector.</summary>
internal readonly unsafe struct Planes8 : IPlanes
{
    public static int Bits => 8;

    public static int Offset => ByteDot.Offset;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Plane(byte* chunk, int plane) => Avx.LoadVector256(chunk + (32 * plane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> HalfPlane(byte* chunk, int plane, int half) => Vector128.Load(chunk + (32 * plane) + (16 * half));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> weights) => ByteDot.Wide(sums, codes, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Dot(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights, [ConstantExpected(Max = (byte)3)] byte four) => ByteDot.Wide(sums, codes, weights, four);

    public static void Write(byte* chunk, int plane, Vector256<byte> codes, Vector256<byte> mask)
    {
        byte* cells = chunk + (32 * plane);
        Vector256.ConditionalSelect(mask, codes, Vector256.Load(cells)).Store(cells);
    }

    public static int Get(byte* chunk, int plane, int index) => chunk[(32 * plane) + index];
}
