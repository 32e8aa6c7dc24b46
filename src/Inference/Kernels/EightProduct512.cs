using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// Products of 32 weight rows with eight activation rows at a time in 512-bit vectors, for batches too small to pay for a <see cref="WordTile"/>: weights come
/// apart in registers, and each is read once for eight rows. Sums and their order are those of <see cref="WordProduct512"/>, to the bit.
/// </summary>
internal static unsafe class EightProduct512
{
    /// <summary>Activation rows of a call; behind the last one of a batch as many are read as make it whole, whatever is there.</summary>
    public const int Rows = QuantizedRows.TogetherRows;

    /// <summary>Fewer activation rows never pay for what the others of the eight cost.</summary>
    public const int LeastRows = 3;

    private const int LeastRowsOf4Bits = 5;

    /// <summary>Scratch of <see cref="Multiply{TBlock}"/>.</summary>
    public const int ScratchFloats = Rows * WordTile.Rows;

    /// <summary>Whether it is the fastest product of a batch.</summary>
    public static bool Pays<TBlock>(int rows)
        where TBlock : struct, IWeightBlock
    {
        int least = typeof(TBlock) == typeof(Q4Block) ? LeastRowsOf4Bits : LeastRows;
        return Avx512BW.IsSupported && rows >= least && !TileProduct512<WordTile>.Pays(rows);
    }

    /// <summary>As <see cref="MatrixProduct.Int8"/>.</summary>
    public static void Multiply<TBlock>(
        PackedMatrix weights, int octetFrom, int octetTo, QuantizedRows inputs, int inputRow, int rows, float* output, int outputStride, bool add, float* scratch)
        where TBlock : struct, IWeightBlock
    {
        for (int octet = octetFrom; octet < octetTo; octet += WordTile.Octets)
        {
            int firstRow = octet * PackedMatrix.OctetRows;
            int valid = Math.Min(Math.Min(octetTo - octet, WordTile.Octets) * PackedMatrix.OctetRows, weights.Rows - firstRow);
            for (int row = 0; row < rows; row += Rows)
            {
                for (int i = 0; i < ScratchFloats; i += Vector512<float>.Count)
                {
                    Vector512<float>.Zero.Store(scratch + i);
                }

                if (inputs.IsSingle && typeof(TBlock) == typeof(Q4Block))
                {
                    Eight<Q4Block, PlaneTerms>(weights, octet, octetTo - 1, inputs, inputRow + row, scratch);
                }
                else
                {
                    Eight<TBlock, WordTerms<TBlock>>(weights, octet, octetTo - 1, inputs, inputRow + row, scratch);
                }

                for (int i = 0; i < Math.Min(Rows, rows - row); i++)
                {
                    float* sums = scratch + (i * WordTile.Rows);
                    weights.Finish(firstRow, valid, sums);
                    OctetOutput.Store(sums, output + ((long)(row + i) * outputStride) + firstRow, valid, add);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<TBlock, TTerms>(PackedMatrix weights, int octet, int last, QuantizedRows inputs, int inputRow, float* sums)
        where TBlock : struct, IWeightBlock
        where TTerms : struct, IEightTerms
    {
        int stride = weights.Columns / PackedMatrix.BlockColumns;
        nint row = (nint)stride * QuantizedRows.BlockWords;
        nint ahead = (nint)weights.OctetBytes * WordTile.Octets;
        int* codes = TTerms.Codes(inputs, inputRow, weights.Columns);
        float* scales = inputs.Scales(inputRow, weights.Columns), blockSums = inputs.Sums(inputRow, weights.Columns);
        byte* block0 = weights.Octet(octet), block1 = weights.Octet(Math.Min(octet + 1, last)), block2 = weights.Octet(Math.Min(octet + 2, last)), block3 = weights.Octet(Math.Min(octet + 3, last));
        for (int b = 0; b < stride; b++)
        {
            Vector512<int> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
            Vector512<int> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default;
            Prefetch<TBlock>(block0 + ahead);
            Prefetch<TBlock>(block1 + ahead);
            Prefetch<TBlock>(block2 + ahead);
            Prefetch<TBlock>(block3 + ahead);
            for (int pair = 0; pair < 4 * TBlock.PairBytes; pair += TBlock.PairBytes)
            {
                TTerms.Weights(block0 + pair, block1 + pair, out Vector512<byte> first0, out Vector512<byte> first1, out Vector512<byte> first2, out Vector512<byte> first3);
                TTerms.Weights(block2 + pair, block3 + pair, out Vector512<byte> second0, out Vector512<byte> second1, out Vector512<byte> second2, out Vector512<byte> second3);
                Add<TTerms>(first0, second0, codes++, row, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                Add<TTerms>(first1, second1, codes++, row, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                if (TTerms.OfPair == 4)
                {
                    Add<TTerms>(first2, second2, codes++, row, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                    Add<TTerms>(first3, second3, codes++, row, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7, ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                }
            }

            codes += QuantizedRows.BlockWords - (4 * TTerms.OfPair);
            TBlock.Scales(block0, block1, out Vector512<float> scale, out Vector512<float> minimum);
            TBlock.Scales(block2, block3, out Vector512<float> scale2, out Vector512<float> minimum2);
            Finish<TTerms>(a0, b0, scale, scale2, minimum, minimum2, scales[b], blockSums[b], sums);
            Finish<TTerms>(a1, b1, scale, scale2, minimum, minimum2, scales[b + stride], blockSums[b + stride], sums + WordTile.Rows);
            Finish<TTerms>(a2, b2, scale, scale2, minimum, minimum2, scales[b + (2 * stride)], blockSums[b + (2 * stride)], sums + (2 * WordTile.Rows));
            Finish<TTerms>(a3, b3, scale, scale2, minimum, minimum2, scales[b + (3 * stride)], blockSums[b + (3 * stride)], sums + (3 * WordTile.Rows));
            Finish<TTerms>(a4, b4, scale, scale2, minimum, minimum2, scales[b + (4 * stride)], blockSums[b + (4 * stride)], sums + (4 * WordTile.Rows));
            Finish<TTerms>(a5, b5, scale, scale2, minimum, minimum2, scales[b + (5 * stride)], blockSums[b + (5 * stride)], sums + (5 * WordTile.Rows));
            Finish<TTerms>(a6, b6, scale, scale2, minimum, minimum2, scales[b + (6 * stride)], blockSums[b + (6 * stride)], sums + (6 * WordTile.Rows));
            Finish<TTerms>(a7, b7, scale, scale2, minimum, minimum2, scales[b + (7 * stride)], blockSums[b + (7 * stride)], sums + (7 * WordTile.Rows));
            block0 += TBlock.Bytes;
            block1 += TBlock.Bytes;
            block2 += TBlock.Bytes;
            block3 += TBlock.Bytes;
        }
    }

    // Some columns, as many as 32 bits have codes of, for all rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TTerms>(
        Vector512<byte> first, Vector512<byte> second, int* code, nint row,
        ref Vector512<int> a0, ref Vector512<int> a1, ref Vector512<int> a2, ref Vector512<int> a3, ref Vector512<int> a4, ref Vector512<int> a5, ref Vector512<int> a6, ref Vector512<int> a7,
        ref Vector512<int> b0, ref Vector512<int> b1, ref Vector512<int> b2, ref Vector512<int> b3, ref Vector512<int> b4, ref Vector512<int> b5, ref Vector512<int> b6, ref Vector512<int> b7)
        where TTerms : struct, IEightTerms
    {
        Add<TTerms>(first, second, code, ref a0, ref b0);
        Add<TTerms>(first, second, code + row, ref a1, ref b1);
        Add<TTerms>(first, second, code + (2 * row), ref a2, ref b2);
        Add<TTerms>(first, second, code + (3 * row), ref a3, ref b3);
        Add<TTerms>(first, second, code + (4 * row), ref a4, ref b4);
        Add<TTerms>(first, second, code + (5 * row), ref a5, ref b5);
        Add<TTerms>(first, second, code + (6 * row), ref a6, ref b6);
        Add<TTerms>(first, second, code + (7 * row), ref a7, ref b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TTerms>(Vector512<byte> first, Vector512<byte> second, int* code, ref Vector512<int> a, ref Vector512<int> b)
        where TTerms : struct, IEightTerms
    {
        Vector512<byte> input = Vector512.Create(*code).AsByte();
        a = TTerms.Add(a, first, input);
        b = TTerms.Add(b, second, input);
    }

    // A block's products of one activation row become float and are added.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TTerms>(
        Vector512<int> first, Vector512<int> second, Vector512<float> scale, Vector512<float> scale2, Vector512<float> minimum, Vector512<float> minimum2, float input, float inputSum, float* sums)
        where TTerms : struct, IEightTerms
    {
        Vector512<float> inputs = Vector512.Create(input), inputSums = Vector512.Create(inputSum);
        WordProduct512.Finish(TTerms.Total(first), scale, minimum, inputs, inputSums, Vector512.Load(sums)).Store(sums);
        WordProduct512.Finish(TTerms.Total(second), scale2, minimum2, inputs, inputSums, Vector512.Load(sums + 16)).Store(sums + 16);
    }

    // Four short streams that jump at every tile: the hardware's prefetchers lose them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch<TBlock>(byte* block)
        where TBlock : struct, IWeightBlock
    {
        for (int line = 0; line < TBlock.Bytes; line += 64)
        {
            Sse.Prefetch0(block + line);
        }
    }
}
