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
            Vector512<short> a0, a1, a2, a3, a4, a5, a6, a7;
            Vector512<short> b0, b1, b2, b3, b4, b5, b6, b7;
            Vector512<byte> first = Vector512.Load(tile), second = Vector512.Load(tile + 64);
            Vector512<sbyte> code = Vector512.Create(codes[0]).AsSByte();
            a0 = Avx512BW.MultiplyAddAdjacent(first, code);
            b0 = Avx512BW.MultiplyAddAdjacent(second, code);
            code = Vector512.Create(codes[1]).AsSByte();
            a1 = Avx512BW.MultiplyAddAdjacent(first, code);
            b1 = Avx512BW.MultiplyAddAdjacent(second, code);
            code = Vector512.Create(codes[2]).AsSByte();
            a2 = Avx512BW.MultiplyAddAdjacent(first, code);
            b2 = Avx512BW.MultiplyAddAdjacent(second, code);
            code = Vector512.Create(codes[3]).AsSByte();
            a3 = Avx512BW.MultiplyAddAdjacent(first, code);
            b3 = Avx512BW.MultiplyAddAdjacent(second, code);
            code = Vector512.Create(codes[4]).AsSByte();
            a4 = Avx512BW.MultiplyAddAdjacent(first, code);
            b4 = Avx512BW.MultiplyAddAdjacent(second, code);
            code = Vector512.Create(codes[5]).AsSByte();
            a5 = Avx512BW.MultiplyAddAdjacent(first, code);
            b5 = Avx512BW.MultiplyAddAdjacent(second, code);
            code = Vector512.Create(codes[6]).AsSByte();
            a6 = Avx512BW.MultiplyAddAdjacent(first, code);
            b6 = Avx512BW.MultiplyAddAdjacent(second, code);
            code = Vector512.Create(codes[7]).AsSByte();
            a7 = Avx512BW.MultiplyAddAdjacent(first, code);
            b7 = Avx512BW.MultiplyAddAdjacent(second, code);
            for (int plane = 1; plane < PlaneTile.Planes; plane++)
            {
                codes += QuantizedRows.TogetherRows;
                tile += PlaneTile.PlaneBytes;
                first = Vector512.Load(tile);
                second = Vector512.Load(tile + 64);
                code = Vector512.Create(codes[0]).AsSByte();
                a0 += Avx512BW.MultiplyAddAdjacent(first, code);
                b0 += Avx512BW.MultiplyAddAdjacent(second, code);
                code = Vector512.Create(codes[1]).AsSByte();
                a1 += Avx512BW.MultiplyAddAdjacent(first, code);
                b1 += Avx512BW.MultiplyAddAdjacent(second, code);
                code = Vector512.Create(codes[2]).AsSByte();
                a2 += Avx512BW.MultiplyAddAdjacent(first, code);
                b2 += Avx512BW.MultiplyAddAdjacent(second, code);
                code = Vector512.Create(codes[3]).AsSByte();
                a3 += Avx512BW.MultiplyAddAdjacent(first, code);
                b3 += Avx512BW.MultiplyAddAdjacent(second, code);
                code = Vector512.Create(codes[4]).AsSByte();
                a4 += Avx512BW.MultiplyAddAdjacent(first, code);
                b4 += Avx512BW.MultiplyAddAdjacent(second, code);
                code = Vector512.Create(codes[5]).AsSByte();
                a5 += Avx512BW.MultiplyAddAdjacent(first, code);
                b5 += Avx512BW.MultiplyAddAdjacent(second, code);
                code = Vector512.Create(codes[6]).AsSByte();
                a6 += Avx512BW.MultiplyAddAdjacent(first, code);
                b6 += Avx512BW.MultiplyAddAdjacent(second, code);
                code = Vector512.Create(codes[7]).AsSByte();
                a7 += Avx512BW.MultiplyAddAdjacent(first, code);
                b7 += Avx512BW.MultiplyAddAdjacent(second, code);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(
        Vector512<short> first, Vector512<short> second, Vector512<float> scale, Vector512<float> scale2, Vector512<float> minimum, Vector512<float> minimum2, float input, float inputSum, float* sums)
    {
        Vector512<float> inputs = Vector512.Create(input), inputSums = Vector512.Create(inputSum);
        WordProduct512.Finish(PlaneTerms.Total(first.AsInt32()), scale, minimum, inputs, inputSums, Vector512.Load(sums)).Store(sums);
        WordProduct512.Finish(PlaneTerms.Total(second.AsInt32()), scale2, minimum2, inputs, inputSums, Vector512.Load(sums + 16)).Store(sums + 16);
    }
}
