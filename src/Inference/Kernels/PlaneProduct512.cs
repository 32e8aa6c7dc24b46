using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// Products of a <see cref="PlaneTile"/> with eight activation rows of one plane. A weight is at most 15, so that the sums of a block stay within 16 bits (8 * 2 * 15 * 127 = 30,480).
/// </summary>
internal static unsafe class PlaneProduct512
{
    /// <summary>Adds the products of a tile's blocks.</summary>
    /// <param name="tile">As <see cref="PlaneTile"/> unpacks it.</param>
    /// <param name="blocks">Its blocks.</param>
    /// <param name="codes">As <see cref="QuantizedRows.Planes"/> says.</param>
    /// <param name="factors">As <see cref="QuantizedRows.Factors"/> says.</param>
    /// <param name="sums">[8][32].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Eight(byte* tile, int blocks, int* codes, float* factors, float* sums)
    {
        for (int block = 0; block < blocks; block++)
        {
            Vector512<short> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
            Vector512<short> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default;
            Plane(tile, codes, isFirst: true, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
            for (int plane = 1; plane < PlaneTile.Planes; plane++)
            {
                codes += QuantizedRows.TogetherRows;
                tile += PlaneTile.PlaneBytes;
                Plane(tile, codes, isFirst: false, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
            }

            codes += QuantizedRows.TogetherRows;
            tile += PlaneTile.PlaneBytes;
            Vector512<float> scale = Vector512.Load((float*)tile), scale2 = Vector512.Load((float*)tile + 16);
            Vector512<float> minimum = Vector512.Load((float*)tile + WordTile.Rows), minimum2 = Vector512.Load((float*)tile + WordTile.Rows + 16);
            tile += PlaneTile.BlockBytes - PlaneTile.ScaleOffset;
            Finish(a0, b0, scale, scale2, minimum, minimum2, factors[0], factors[8], sums);
            Finish(a1, b1, scale, scale2, minimum, minimum2, factors[1], factors[9], sums + WordTile.Rows);
            Finish(a2, b2, scale, scale2, minimum, minimum2, factors[2], factors[10], sums + (2 * WordTile.Rows));
            Finish(a3, b3, scale, scale2, minimum, minimum2, factors[3], factors[11], sums + (3 * WordTile.Rows));
            Finish(a4, b4, scale, scale2, minimum, minimum2, factors[4], factors[12], sums + (4 * WordTile.Rows));
            Finish(a5, b5, scale, scale2, minimum, minimum2, factors[5], factors[13], sums + (5 * WordTile.Rows));
            Finish(a6, b6, scale, scale2, minimum, minimum2, factors[6], factors[14], sums + (6 * WordTile.Rows));
            Finish(a7, b7, scale, scale2, minimum, minimum2, factors[7], factors[15], sums + (7 * WordTile.Rows));
            factors += 2 * QuantizedRows.TogetherRows;
        }
    }

    // Four columns for all rows. Sums begin with the first plane: an addition less in each.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Plane(
        byte* tile, int* codes, bool isFirst,
        ref Vector512<short> a0, ref Vector512<short> a1, ref Vector512<short> a2, ref Vector512<short> a3, ref Vector512<short> a4, ref Vector512<short> a5, ref Vector512<short> a6, ref Vector512<short> a7,
        ref Vector512<short> b0, ref Vector512<short> b1, ref Vector512<short> b2, ref Vector512<short> b3, ref Vector512<short> b4, ref Vector512<short> b5, ref Vector512<short> b6, ref Vector512<short> b7)
    {
        Vector512<byte> first = Vector512.Load(tile), second = Vector512.Load(tile + 64);
        Row(first, second, codes[0], isFirst, ref a0, ref b0);
        Row(first, second, codes[1], isFirst, ref a1, ref b1);
        Row(first, second, codes[2], isFirst, ref a2, ref b2);
        Row(first, second, codes[3], isFirst, ref a3, ref b3);
        Row(first, second, codes[4], isFirst, ref a4, ref b4);
        Row(first, second, codes[5], isFirst, ref a5, ref b5);
        Row(first, second, codes[6], isFirst, ref a6, ref b6);
        Row(first, second, codes[7], isFirst, ref a7, ref b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(Vector512<byte> first, Vector512<byte> second, int codes, bool isFirst, ref Vector512<short> a, ref Vector512<short> b)
    {
        Vector512<sbyte> code = Vector512.Create(codes).AsSByte();
        Vector512<short> product = Avx512BW.MultiplyAddAdjacent(first, code), other = Avx512BW.MultiplyAddAdjacent(second, code);
        (a, b) = isFirst ? (product, other) : (a + product, b + other);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(
        Vector512<short> first, Vector512<short> second, Vector512<float> scale, Vector512<float> scale2, Vector512<float> minimum, Vector512<float> minimum2, float input, float inputSum, float* sums)
    {
        Vector512<float> inputs = Vector512.Create(input), inputSums = Vector512.Create(inputSum);
        WordProduct512.Finish(PlaneTerms.Total(first.AsInt32()), scale, minimum, inputs, inputSums, Vector512.Load(sums)).Store(sums);
        WordProduct512.Finish(PlaneTerms.Total(second.AsInt32()), scale2, minimum2, inputs, inputSums, Vector512.Load(sums + 16)).Store(sums + 16);
    }
}
