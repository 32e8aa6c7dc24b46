using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary>
/// Multiply-accumulates in registers, in the instructions that the kernels use; what they give is of no use. The loops are written out for each width: as one
/// generic loop over a step with static abstract members they ran at a quarter of the rate.
/// </summary>
internal static class ProductProbe
{
    private const int Chains = 12; // Enough to hide five or six cycles of latency where two units take one instruction a cycle each.

    private static readonly int Int8Lanes = Avx512BW.IsSupported ? 64 : Avx2.IsSupported ? 32 : 16;

    /// <summary>Products of <see cref="Int8"/>.</summary>
    public static long Int8Products(int repetitions) => (long)repetitions * Chains * Int8Lanes;

    /// <summary>Products of <see cref="Float"/>.</summary>
    public static long FloatProducts(int repetitions) => (long)repetitions * Chains * (Int8Lanes / sizeof(float));

    /// <summary>Unsigned times signed bytes, pairs summed to 16 bits and added.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Int8(int repetitions) => Avx512BW.IsSupported ? Int8Wide(repetitions) : Avx2.IsSupported ? Int8Middle(repetitions) : Int8Narrow(repetitions);

    /// <summary>Fused where the processor has that.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static float Float(int repetitions) =>
        Vector512.IsHardwareAccelerated ? FloatWide(repetitions) : Vector256.IsHardwareAccelerated ? FloatMiddle(repetitions) : FloatNarrow(repetitions);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Int8Wide(int repetitions)
    {
        Vector512<short> start = Vector512.Create((short)repetitions);
        Vector512<short> a = start, b = start, c = start, d = start, e = start, f = start, g = start, h = start, i = start, j = start, k = start, l = start;
        Vector512<sbyte> weights = Vector512.Create((sbyte)3);
        for (int round = 0; round < repetitions; round++)
        {
            a += Avx512BW.MultiplyAddAdjacent(a.AsByte(), weights);
            b += Avx512BW.MultiplyAddAdjacent(b.AsByte(), weights);
            c += Avx512BW.MultiplyAddAdjacent(c.AsByte(), weights);
            d += Avx512BW.MultiplyAddAdjacent(d.AsByte(), weights);
            e += Avx512BW.MultiplyAddAdjacent(e.AsByte(), weights);
            f += Avx512BW.MultiplyAddAdjacent(f.AsByte(), weights);
            g += Avx512BW.MultiplyAddAdjacent(g.AsByte(), weights);
            h += Avx512BW.MultiplyAddAdjacent(h.AsByte(), weights);
            i += Avx512BW.MultiplyAddAdjacent(i.AsByte(), weights);
            j += Avx512BW.MultiplyAddAdjacent(j.AsByte(), weights);
            k += Avx512BW.MultiplyAddAdjacent(k.AsByte(), weights);
            l += Avx512BW.MultiplyAddAdjacent(l.AsByte(), weights);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Int8Middle(int repetitions)
    {
        Vector256<short> start = Vector256.Create((short)repetitions);
        Vector256<short> a = start, b = start, c = start, d = start, e = start, f = start, g = start, h = start, i = start, j = start, k = start, l = start;
        Vector256<sbyte> weights = Vector256.Create((sbyte)3);
        for (int round = 0; round < repetitions; round++)
        {
            a += Avx2.MultiplyAddAdjacent(a.AsByte(), weights);
            b += Avx2.MultiplyAddAdjacent(b.AsByte(), weights);
            c += Avx2.MultiplyAddAdjacent(c.AsByte(), weights);
            d += Avx2.MultiplyAddAdjacent(d.AsByte(), weights);
            e += Avx2.MultiplyAddAdjacent(e.AsByte(), weights);
            f += Avx2.MultiplyAddAdjacent(f.AsByte(), weights);
            g += Avx2.MultiplyAddAdjacent(g.AsByte(), weights);
            h += Avx2.MultiplyAddAdjacent(h.AsByte(), weights);
            i += Avx2.MultiplyAddAdjacent(i.AsByte(), weights);
            j += Avx2.MultiplyAddAdjacent(j.AsByte(), weights);
            k += Avx2.MultiplyAddAdjacent(k.AsByte(), weights);
            l += Avx2.MultiplyAddAdjacent(l.AsByte(), weights);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Int8Narrow(int repetitions)
    {
        Vector128<short> start = Vector128.Create((short)repetitions);
        Vector128<short> a = start, b = start, c = start, d = start, e = start, f = start, g = start, h = start, i = start, j = start, k = start, l = start;
        Vector128<sbyte> weights = Vector128.Create((sbyte)3);
        for (int round = 0; round < repetitions; round++)
        {
            a += Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(a.AsByte(), weights) : a * weights.AsInt16();
            b += Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(b.AsByte(), weights) : b * weights.AsInt16();
            c += Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(c.AsByte(), weights) : c * weights.AsInt16();
            d += Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(d.AsByte(), weights) : d * weights.AsInt16();
            e += Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(e.AsByte(), weights) : e * weights.AsInt16();
            f += Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(f.AsByte(), weights) : f * weights.AsInt16();
            g += Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(g.AsByte(), weights) : g * weights.AsInt16();
            h += Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(h.AsByte(), weights) : h * weights.AsInt16();
            i += Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(i.AsByte(), weights) : i * weights.AsInt16();
            j += Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(j.AsByte(), weights) : j * weights.AsInt16();
            k += Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(k.AsByte(), weights) : k * weights.AsInt16();
            l += Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(l.AsByte(), weights) : l * weights.AsInt16();
        }

        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float FloatWide(int repetitions)
    {
        Vector512<float> x = Vector512.Create(0.5f), y = Vector512.Create(0.25f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int round = 0; round < repetitions; round++)
        {
            a = Vector512.MultiplyAddEstimate(a, x, y);
            b = Vector512.MultiplyAddEstimate(b, x, y);
            c = Vector512.MultiplyAddEstimate(c, x, y);
            d = Vector512.MultiplyAddEstimate(d, x, y);
            e = Vector512.MultiplyAddEstimate(e, x, y);
            f = Vector512.MultiplyAddEstimate(f, x, y);
            g = Vector512.MultiplyAddEstimate(g, x, y);
            h = Vector512.MultiplyAddEstimate(h, x, y);
            i = Vector512.MultiplyAddEstimate(i, x, y);
            j = Vector512.MultiplyAddEstimate(j, x, y);
            k = Vector512.MultiplyAddEstimate(k, x, y);
            l = Vector512.MultiplyAddEstimate(l, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float FloatMiddle(int repetitions)
    {
        Vector256<float> x = Vector256.Create(0.5f), y = Vector256.Create(0.25f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int round = 0; round < repetitions; round++)
        {
            a = Vector256.MultiplyAddEstimate(a, x, y);
            b = Vector256.MultiplyAddEstimate(b, x, y);
            c = Vector256.MultiplyAddEstimate(c, x, y);
            d = Vector256.MultiplyAddEstimate(d, x, y);
            e = Vector256.MultiplyAddEstimate(e, x, y);
            f = Vector256.MultiplyAddEstimate(f, x, y);
            g = Vector256.MultiplyAddEstimate(g, x, y);
            h = Vector256.MultiplyAddEstimate(h, x, y);
            i = Vector256.MultiplyAddEstimate(i, x, y);
            j = Vector256.MultiplyAddEstimate(j, x, y);
            k = Vector256.MultiplyAddEstimate(k, x, y);
            l = Vector256.MultiplyAddEstimate(l, x, y);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float FloatNarrow(int repetitions)
    {
        Vector128<float> x = Vector128.Create(0.5f), y = Vector128.Create(0.25f);
        Vector128<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int round = 0; round < repetitions; round++)
        {
            a = Vector128.MultiplyAddEstimate(a, x, y);
            b = Vector128.MultiplyAddEstimate(b, x, y);
            c = Vector128.MultiplyAddEstimate(c, x, y);
            d = Vector128.MultiplyAddEstimate(d, x, y);
            e = Vector128.MultiplyAddEstimate(e, x, y);
            f = Vector128.MultiplyAddEstimate(f, x, y);
            g = Vector128.MultiplyAddEstimate(g, x, y);
            h = Vector128.MultiplyAddEstimate(h, x, y);
            i = Vector128.MultiplyAddEstimate(i, x, y);
            j = Vector128.MultiplyAddEstimate(j, x, y);
            k = Vector128.MultiplyAddEstimate(k, x, y);
            l = Vector128.MultiplyAddEstimate(l, x, y);
        }

        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
