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

    /// <summary>The same in vectors of 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Narrow(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights) =>
        Ssse3.IsSupported
            ? sums + Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(codes, weights), Vector128.Create((short)1))
            : Portable(sums, codes, weights);

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

    /// <summary>The same in vectors of 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Wide(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights)
    {
        if (!Ssse3.IsSupported)
        {
            return Portable(sums, codes, weights);
        }

        Vector128<byte> nibble = Vector128.Create((byte)0x0F);
        sums += Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(codes & nibble, weights), Vector128.Create((short)1));
        return sums + Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent((codes.AsUInt16() >>> 4).AsByte() & nibble, weights), Vector128.Create((short)16));
    }

    /// <summary>For processors without a multiply-add of bytes: even and odd bytes go apart, and a product of 255 with -128 to 127 fits 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> Portable(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights)
    {
        Vector128<short> even = (codes.AsInt16() & Vector128.Create((short)0xFF)) * ((weights.AsInt16() << 8) >> 8);
        Vector128<short> odd = (codes.AsInt16() >>> 8) * (weights.AsInt16() >> 8);
        sums += (even.AsInt32() >> 16) + (odd.AsInt32() >> 16);
        return sums + ((even.AsInt32() << 16) >> 16) + ((odd.AsInt32() << 16) >> 16);
    }
}
