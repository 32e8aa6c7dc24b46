using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// Products of 32 unpacked weight rows with batches of activation rows in 512-bit vectors: both planes of an activation at once, as its 16-bit code. The
/// integer sums are exact, and what becomes of them in float is that of <see cref="Int8Product{TBlock}"/>, to the bit.
/// </summary>
internal static unsafe class WordProduct512
{
    private const int TileRows = WordTile.ActivationRows;

    /// <summary>As <see cref="IProductTile.Multiply"/>.</summary>
    public static void Multiply(byte* tile, int blocks, QuantizedRows inputs, int inputRow, int rows, int columns, int firstBlock, float* sums)
    {
        int* codes = inputs.Words(inputRow, columns) + (firstBlock * QuantizedRows.BlockWords);
        float* scales = inputs.Scales(inputRow, columns) + firstBlock;
        float* blockSums = inputs.Sums(inputRow, columns) + firstBlock;
        int stride = columns / PackedMatrix.BlockColumns;
        int row = 0;
        for (; row + TileRows <= rows; row += TileRows)
        {
            long offset = (long)row * stride;
            Four(tile, blocks, codes + (offset * QuantizedRows.BlockWords), scales + offset, blockSums + offset, stride, sums + (row * WordTile.Rows));
        }

        for (; row < rows; row++)
        {
            long offset = (long)row * stride;
            One(tile, blocks, codes + (offset * QuantizedRows.BlockWords), scales + offset, blockSums + offset, sums + (row * WordTile.Rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(byte* tile, int blocks, int* codes, float* scales, float* blockSums, int stride, float* sums)
    {
        int* codes1 = codes + (stride * QuantizedRows.BlockWords), codes2 = codes1 + (stride * QuantizedRows.BlockWords), codes3 = codes2 + (stride * QuantizedRows.BlockWords);
        Vector512<float> sum0 = Vector512.Load(sums), sum1 = Vector512.Load(sums + 32), sum2 = Vector512.Load(sums + 64), sum3 = Vector512.Load(sums + 96);
        Vector512<float> next0 = Vector512.Load(sums + 16), next1 = Vector512.Load(sums + 48), next2 = Vector512.Load(sums + 80), next3 = Vector512.Load(sums + 112);
        for (int b = 0; b < blocks; b++)
        {
            Vector512<int> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
            for (int word = 0; word < QuantizedRows.BlockWords; word++)
            {
                Vector512<short> first = Vector512.Load((short*)tile), second = Vector512.Load((short*)(tile + 64));
                Vector512<short> code = Vector512.Create(codes[word]).AsInt16();
                a0 += Avx512BW.MultiplyAddAdjacent(first, code);
                b0 += Avx512BW.MultiplyAddAdjacent(second, code);
                code = Vector512.Create(codes1[word]).AsInt16();
                a1 += Avx512BW.MultiplyAddAdjacent(first, code);
                b1 += Avx512BW.MultiplyAddAdjacent(second, code);
                code = Vector512.Create(codes2[word]).AsInt16();
                a2 += Avx512BW.MultiplyAddAdjacent(first, code);
                b2 += Avx512BW.MultiplyAddAdjacent(second, code);
                code = Vector512.Create(codes3[word]).AsInt16();
                a3 += Avx512BW.MultiplyAddAdjacent(first, code);
                b3 += Avx512BW.MultiplyAddAdjacent(second, code);
                tile += WordTile.WordBytes;
            }

            Vector512<float> scale = Vector512.Load((float*)tile), minimum = Vector512.Load((float*)tile + WordTile.Rows);
            Vector512<float> scale2 = Vector512.Load((float*)tile + 16), minimum2 = Vector512.Load((float*)tile + WordTile.Rows + 16);
            tile += WordTile.BlockBytes - WordTile.ScaleOffset;
            Vector512<float> input = Vector512.Create(scales[b]), inputSum = Vector512.Create(blockSums[b]);
            (sum0, next0) = (Finish(a0, scale, minimum, input, inputSum, sum0), Finish(b0, scale2, minimum2, input, inputSum, next0));
            (input, inputSum) = (Vector512.Create(scales[b + stride]), Vector512.Create(blockSums[b + stride]));
            (sum1, next1) = (Finish(a1, scale, minimum, input, inputSum, sum1), Finish(b1, scale2, minimum2, input, inputSum, next1));
            (input, inputSum) = (Vector512.Create(scales[b + (2 * stride)]), Vector512.Create(blockSums[b + (2 * stride)]));
            (sum2, next2) = (Finish(a2, scale, minimum, input, inputSum, sum2), Finish(b2, scale2, minimum2, input, inputSum, next2));
            (input, inputSum) = (Vector512.Create(scales[b + (3 * stride)]), Vector512.Create(blockSums[b + (3 * stride)]));
            (sum3, next3) = (Finish(a3, scale, minimum, input, inputSum, sum3), Finish(b3, scale2, minimum2, input, inputSum, next3));
            codes += QuantizedRows.BlockWords;
            codes1 += QuantizedRows.BlockWords;
            codes2 += QuantizedRows.BlockWords;
            codes3 += QuantizedRows.BlockWords;
        }

        sum0.Store(sums);
        next0.Store(sums + 16);
        sum1.Store(sums + 32);
        next1.Store(sums + 48);
        sum2.Store(sums + 64);
        next2.Store(sums + 80);
        sum3.Store(sums + 96);
        next3.Store(sums + 112);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(byte* tile, int blocks, int* codes, float* scales, float* blockSums, float* sums)
    {
        Vector512<float> sum = Vector512.Load(sums), next = Vector512.Load(sums + 16);
        for (int b = 0; b < blocks; b++)
        {
            Vector512<int> a0 = default, a1 = default, b0 = default, b1 = default;
            for (int word = 0; word < QuantizedRows.BlockWords; word += 2)
            {
                Vector512<short> code = Vector512.Create(codes[word]).AsInt16();
                a0 += Avx512BW.MultiplyAddAdjacent(Vector512.Load((short*)tile), code);
                b0 += Avx512BW.MultiplyAddAdjacent(Vector512.Load((short*)(tile + 64)), code);
                code = Vector512.Create(codes[word + 1]).AsInt16();
                a1 += Avx512BW.MultiplyAddAdjacent(Vector512.Load((short*)(tile + WordTile.WordBytes)), code);
                b1 += Avx512BW.MultiplyAddAdjacent(Vector512.Load((short*)(tile + WordTile.WordBytes + 64)), code);
                tile += 2 * WordTile.WordBytes;
            }

            float* scale = (float*)tile;
            Vector512<float> input = Vector512.Create(scales[b]), inputSum = Vector512.Create(blockSums[b]);
            sum = Finish(a0 + a1, Vector512.Load(scale), Vector512.Load(scale + WordTile.Rows), input, inputSum, sum);
            next = Finish(b0 + b1, Vector512.Load(scale + 16), Vector512.Load(scale + WordTile.Rows + 16), input, inputSum, next);
            tile += WordTile.BlockBytes - WordTile.ScaleOffset;
            codes += QuantizedRows.BlockWords;
        }

        sum.Store(sums);
        next.Store(sums + 16);
    }

    /// <summary>A block's products become float and are added: one order of operations for any batch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Finish(
        Vector512<int> dot, Vector512<float> scale, Vector512<float> minimum, Vector512<float> inputScale, Vector512<float> inputSum, Vector512<float> sum)
    {
        sum = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(dot) * inputScale, scale, sum);
        return Vector512.FusedMultiplyAdd(minimum, inputSum, sum);
    }
}
