using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Exact multiply-adds of unsigned codes with signed weights, four bytes to one 32-bit sum.</summary>
internal static class ByteDot
{
    private const int Signed = 128;

    /// <summary>
    /// What <see cref="Wide(Vector128{int}, Vector128{byte}, Vector128{sbyte}, byte)"/> takes from every code. ARM multiplies signed bytes with signed ones: codes up to 255
    /// go there less 128, and who knows the sum of all weights adds 128 times that once.
    /// </summary>
    public static int Offset => AdvSimd.Arm64.IsSupported ? Signed : 0;

    /// <summary>Codes up to 15 (any width up to 7 bits): two products never leave 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Narrow(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> weights) =>
        AvxVnni.IsSupported
            ? AvxVnni.MultiplyWideningAndAdd(sums, codes, weights)
            : Avx2.Add(sums, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(codes, weights), Vector256.Create((short)1)));

    /// <summary>The same in vectors of 128 bits: every four codes meet the same four of sixteen weights.</summary>
    /// <param name="sums">Four sums.</param>
    /// <param name="codes">Four times four codes.</param>
    /// <param name="weights">Sixteen weights, loaded once for four products.</param>
    /// <param name="four">Which four of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Narrow(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights, [ConstantExpected(Max = (byte)3)] byte four) =>
        Dp.IsSupported ? Dp.DotProductBySelectedQuadruplet(sums, codes.AsSByte(), weights, four)
        : AdvSimd.Arm64.IsSupported ? NarrowPairs(sums, codes.AsSByte(), Four(weights, four))
        : Ssse3.IsSupported ? sums + Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(codes, Four(weights, four)), Vector128.Create((short)1))
        : Portable(sums, codes, Four(weights, four));

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

    /// <summary>The same in vectors of 128 bits, with what is left of a code when <see cref="Offset"/> is taken from it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Wide(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights, [ConstantExpected(Max = (byte)3)] byte four)
    {
        if (AdvSimd.Arm64.IsSupported)
        {
            Vector128<sbyte> signed = (codes ^ Vector128.Create((byte)Signed)).AsSByte();
            return Dp.IsSupported ? Dp.DotProductBySelectedQuadruplet(sums, signed, weights, four) : WidePairs(sums, signed, Four(weights, four));
        }

        Vector128<sbyte> factors = Four(weights, four);
        if (!Ssse3.IsSupported)
        {
            return Portable(sums, codes, factors);
        }

        Vector128<byte> nibble = Vector128.Create((byte)0x0F);
        sums += Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(codes & nibble, factors), Vector128.Create((short)1));
        return sums + Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent((codes.AsUInt16() >>> 4).AsByte() & nibble, factors), Vector128.Create((short)16));
    }

    /// <summary>The sum of weights, a multiple of 8 of them: what <see cref="Offset"/> multiplies.</summary>
    public static unsafe int Sum(sbyte* weights, int count)
    {
        Vector128<int> sums = default;
        for (int i = 0; i < count; i += 8)
        {
            Vector128<short> words = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)(weights + i)).AsSByte());
            sums += Vector128.WidenLower(words) + Vector128.WidenUpper(words);
        }

        return Vector128.Sum(sums);
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

    // ARM without the dot product: 127 * 128 * 2 fits 16 bits, so neighbours are added there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> NarrowPairs(Vector128<int> sums, Vector128<sbyte> codes, Vector128<sbyte> weights) =>
        AdvSimd.AddPairwiseWideningAndAdd(sums, AdvSimd.Arm64.AddPairwise(AdvSimd.MultiplyWideningLower(codes.GetLower(), weights.GetLower()), AdvSimd.MultiplyWideningUpper(codes, weights)));

    // The same of signed codes: -128 * -128 * 2 would not fit.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> WidePairs(Vector128<int> sums, Vector128<sbyte> codes, Vector128<sbyte> weights) => sums + AdvSimd.Arm64.AddPairwise(
        AdvSimd.AddPairwiseWidening(AdvSimd.MultiplyWideningLower(codes.GetLower(), weights.GetLower())), AdvSimd.AddPairwiseWidening(AdvSimd.MultiplyWideningUpper(codes, weights)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Four(Vector128<sbyte> weights, [ConstantExpected(Max = (byte)3)] byte four) => AdvSimd.IsSupported
        ? AdvSimd.DuplicateSelectedScalarToVector128(weights.AsInt32(), four).AsSByte()
        : Vector128.Shuffle(weights.AsInt32(), Vector128.Create((int)four)).AsSByte();
}
