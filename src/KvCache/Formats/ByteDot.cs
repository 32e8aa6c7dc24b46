using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Exact multiply-adds of unsigned codes with signed weights, four bytes to one 32-bit sum.</summary>
internal static class ByteDot
{
    /// <summary>Codes up to 15 (any width up to 7 bits): two products never leave 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Narrow(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> weights) =>
        AvxVnni.IsSupported
            ? AvxVnni.MultiplyWideningAndAdd(sums, codes, weights)
            : Avx2.Add(sums, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(codes, weights), Vector256.Create((short)1)));

    /// <summary>Codes up to 255: without VNNI 255 * 127 * 2 would saturate 16 bits, so the halves of the byte go apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Wide(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> weights)
    {
        if (AvxVnni.IsSupported)
        {
            return AvxVnni.MultiplyWideningAndAdd(sums, codes, weights);
        }

        Vector256<byte> nibble = Vector256.Create((byte)0x0F);
        Vector256<byte> low = Avx2.And(codes, nibble);
        Vector256<byte> high = Avx2.And(Avx2.ShiftRightLogical(codes.AsUInt16(), 4).AsByte(), nibble);
        sums = Avx2.Add(sums, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(low, weights), Vector256.Create((short)1)));
        return Avx2.Add(sums, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(high, weights), Vector256.Create((short)16)));
    }
}
