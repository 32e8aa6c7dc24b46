using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Scores of the widened keys of a block with one query: sixteen sums at a time, turned into scores together. They have the order, and the bits, of those of <see cref="FloatKeys512{TRow}"/>.</summary>
internal static unsafe class WideKeys512
{
    private const int Together = 16;

    /// <summary>The scores of a block.</summary>
    /// <param name="keys">[32][headDim] as <see cref="WideRow"/> has them.</param>
    /// <param name="query">[headDim].</param>
    /// <param name="headDim">A multiple of 32.</param>
    /// <param name="scores">[32].</param>
    public static void Scores(float* keys, float* query, int headDim, float* scores)
    {
        for (int first = 0; first < StreamBlock.Tokens; first += Together)
        {
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            Vector512<float> s8 = default, s9 = default, s10 = default, s11 = default, s12 = default, s13 = default, s14 = default, s15 = default;
            for (int dim = 0; dim < headDim; dim += 32)
            {
                Vector512<float> low = FloatRows.Load(query + dim), high = FloatRows.Load(query + dim + 8);
                float* key = keys + (first * headDim) + dim;
                s0 = Add(s0, key, low, high);
                s1 = Add(s1, key += headDim, low, high);
                s2 = Add(s2, key += headDim, low, high);
                s3 = Add(s3, key += headDim, low, high);
                s4 = Add(s4, key += headDim, low, high);
                s5 = Add(s5, key += headDim, low, high);
                s6 = Add(s6, key += headDim, low, high);
                s7 = Add(s7, key += headDim, low, high);
                s8 = Add(s8, key += headDim, low, high);
                s9 = Add(s9, key += headDim, low, high);
                s10 = Add(s10, key += headDim, low, high);
                s11 = Add(s11, key += headDim, low, high);
                s12 = Add(s12, key += headDim, low, high);
                s13 = Add(s13, key += headDim, low, high);
                s14 = Add(s14, key += headDim, low, high);
                s15 = Add(s15, key + headDim, low, high);
            }

            Vector512<float> front = Eight(Halves(s0, s4), Halves(s1, s5), Halves(s2, s6), Halves(s3, s7));
            Vector512<float> back = Eight(Halves(s8, s12), Halves(s9, s13), Halves(s10, s14), Halves(s11, s15));
            (Avx512F.Shuffle4x128(front, back, 0b10_00_10_00) + Avx512F.Shuffle4x128(front, back, 0b11_01_11_01)).Store(scores + first);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(Vector512<float> sum, float* key, Vector512<float> low, Vector512<float> high) =>
        Vector512.FusedMultiplyAdd(Vector512.Load(key + 16), high, Vector512.FusedMultiplyAdd(Vector512.Load(key), low, sum));

    // Element i and 8 + i of each: those of a in front, those of b behind.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Halves(Vector512<float> a, Vector512<float> b) => Avx512F.Shuffle4x128(a, b, 0b01_00_01_00) + Avx512F.Shuffle4x128(a, b, 0b11_10_11_10);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Eight(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d) => Pairs(Pairs(a, b), Pairs(c, d));

    // Neighbours within each 128 bits, as HorizontalAdd.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pairs(Vector512<float> a, Vector512<float> b) => Avx512F.Shuffle(a, b, 0b10_00_10_00) + Avx512F.Shuffle(a, b, 0b11_01_11_01);
}
