using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>Integer dots of packed weights with the two int8 planes of the activations; per block the sums become float with both scales.</summary>
/// <typeparam name="TBlock">Weight format.</typeparam>
internal static unsafe class Int8Product<TBlock>
    where TBlock : struct, IWeightBlock
{
    private const int TileRows = 4;

    public static void Multiply(
        PackedMatrix weights, int octetFrom, int octetTo, QuantizedRows inputs, int inputRow, int rows, float* output, int outputStride, bool add, float* scratch)
    {
        if (typeof(TBlock) == typeof(Q4Block) && inputs.IsSingle && inputRow % QuantizedRows.TogetherRows == 0 && TileProduct512<PlaneTile>.Pays(rows))
        {
            TileProduct512<PlaneTile>.Multiply<Q4Block>(weights, octetFrom, octetTo, inputs, inputRow, rows, output, outputStride, add, scratch);
            return;
        }

        if (EightProduct512.Pays<TBlock>(rows))
        {
            EightProduct512.Multiply<TBlock>(weights, octetFrom, octetTo, inputs, inputRow, rows, output, outputStride, add, scratch);
            return;
        }

        if (TileProduct512<WordTile>.Pays(rows))
        {
            TileProduct512<WordTile>.Multiply<TBlock>(weights, octetFrom, octetTo, inputs, inputRow, rows, output, outputStride, add, scratch);
            return;
        }

        float* sums = stackalloc float[TileRows * 2 * PackedMatrix.OctetRows];
        bool hasFactors = weights.Factors is not null;
        for (int octet = octetFrom; octet < octetTo;)
        {
            int octets = typeof(TBlock) == typeof(Q4Block) && Avx512BW.IsSupported && octet + 2 <= octetTo ? 2 : 1;
            int firstRow = octet * PackedMatrix.OctetRows;
            int width = octets * PackedMatrix.OctetRows;
            int valid = Math.Min(width, weights.Rows - firstRow);
            for (int row = 0; row < rows;)
            {
                int tile = rows - row >= TileRows ? TileRows : 1;
                Tile(weights, octet, octets, inputs, inputRow + row, tile, sums);
                for (int i = 0; i < tile; i++, row++)
                {
                    if (hasFactors)
                    {
                        weights.Finish(firstRow, valid, sums + (i * width));
                    }

                    OctetOutput.Store(sums + (i * width), output + ((long)row * outputStride) + firstRow, valid, add);
                }
            }

            octet += octets;
        }
    }

    private static void Tile(PackedMatrix weights, int octet, int octets, QuantizedRows inputs, int row, int tile, float* sums)
    {
        byte* block = weights.Octet(octet);
        int columns = weights.Columns;
        sbyte* codes = inputs.Codes(row, columns);
        float* scales = inputs.Scales(row, columns);
        float* blockSums = inputs.Sums(row, columns);
        int blocks = columns / PackedMatrix.BlockColumns;
        if (octets == 2)
        {
            if (tile == TileRows)
            {
                Q4Product512.Four(block, block + weights.OctetBytes, blocks, codes, scales, blockSums, sums);
            }
            else
            {
                Q4Product512.One(block, block + weights.OctetBytes, blocks, codes, scales, blockSums, sums);
            }
        }
        else if (Avx2.IsSupported)
        {
            if (tile == TileRows)
            {
                Four(block, blocks, codes, scales, blockSums, sums);
            }
            else
            {
                One(block, blocks, codes, scales, blockSums, sums);
            }
        }
        else if (tile == TileRows)
        {
            Int8Product128<TBlock>.Four(block, blocks, codes, scales, blockSums, sums);
        }
        else
        {
            Int8Product128<TBlock>.One(block, blocks, codes, scales, blockSums, sums);
        }
    }

    private static void One(byte* block, int blocks, sbyte* codes, float* scales, float* blockSums, float* sums)
    {
        Vector256<float> sum = default;
        for (int b = 0; b < blocks; b++)
        {
            Vector256<int> dot = Dot(
                codes, TBlock.Plane(block, 0), TBlock.Plane(block, 1), TBlock.Plane(block, 2), TBlock.Plane(block, 3),
                TBlock.Plane(block, 4), TBlock.Plane(block, 5), TBlock.Plane(block, 6), TBlock.Plane(block, 7));
            TBlock.Scales(block, out Vector256<float> scale, out Vector256<float> minimum);
            sum = Finish(dot, scale, minimum, scales[b], blockSums[b], sum);
            block += TBlock.Bytes;
            codes += QuantizedRows.BlockBytes;
        }

        Avx.Store(sums, sum);
    }

    // Eight unpacked planes stay in registers while four activation rows pass by.
    private static void Four(byte* block, int blocks, sbyte* codes, float* scales, float* blockSums, float* sums)
    {
        int stride = blocks * QuantizedRows.BlockBytes;
        Vector256<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (int b = 0; b < blocks; b++)
        {
            Vector256<byte> p0 = TBlock.Plane(block, 0), p1 = TBlock.Plane(block, 1), p2 = TBlock.Plane(block, 2), p3 = TBlock.Plane(block, 3);
            Vector256<byte> p4 = TBlock.Plane(block, 4), p5 = TBlock.Plane(block, 5), p6 = TBlock.Plane(block, 6), p7 = TBlock.Plane(block, 7);
            TBlock.Scales(block, out Vector256<float> scale, out Vector256<float> minimum);
            sum0 = Finish(Dot(codes, p0, p1, p2, p3, p4, p5, p6, p7), scale, minimum, scales[b], blockSums[b], sum0);
            sum1 = Finish(Dot(codes + stride, p0, p1, p2, p3, p4, p5, p6, p7), scale, minimum, scales[b + blocks], blockSums[b + blocks], sum1);
            sum2 = Finish(Dot(codes + (2 * stride), p0, p1, p2, p3, p4, p5, p6, p7), scale, minimum, scales[b + (2 * blocks)], blockSums[b + (2 * blocks)], sum2);
            sum3 = Finish(Dot(codes + (3 * stride), p0, p1, p2, p3, p4, p5, p6, p7), scale, minimum, scales[b + (3 * blocks)], blockSums[b + (3 * blocks)], sum3);
            block += TBlock.Bytes;
            codes += QuantizedRows.BlockBytes;
        }

        Avx.Store(sums, sum0);
        Avx.Store(sums + 8, sum1);
        Avx.Store(sums + 16, sum2);
        Avx.Store(sums + 24, sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Dot(
        sbyte* codes, Vector256<byte> p0, Vector256<byte> p1, Vector256<byte> p2, Vector256<byte> p3,
        Vector256<byte> p4, Vector256<byte> p5, Vector256<byte> p6, Vector256<byte> p7)
    {
        Vector256<int> high = TBlock.Dot(default, p0, Dword(codes));
        Vector256<int> low = TBlock.Dot(default, p0, Dword(codes + 32));
        high = TBlock.Dot(high, p1, Dword(codes + 4));
        low = TBlock.Dot(low, p1, Dword(codes + 36));
        high = TBlock.Dot(high, p2, Dword(codes + 8));
        low = TBlock.Dot(low, p2, Dword(codes + 40));
        high = TBlock.Dot(high, p3, Dword(codes + 12));
        low = TBlock.Dot(low, p3, Dword(codes + 44));
        high = TBlock.Dot(high, p4, Dword(codes + 16));
        low = TBlock.Dot(low, p4, Dword(codes + 48));
        high = TBlock.Dot(high, p5, Dword(codes + 20));
        low = TBlock.Dot(low, p5, Dword(codes + 52));
        high = TBlock.Dot(high, p6, Dword(codes + 24));
        low = TBlock.Dot(low, p6, Dword(codes + 56));
        high = TBlock.Dot(high, p7, Dword(codes + 28));
        low = TBlock.Dot(low, p7, Dword(codes + 60));
        return Vector256.ShiftLeft(high, 8) + low;
    }

    // One order of operations for one row and for four: decode and batched passes agree to the bit.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Finish(
        Vector256<int> dot, Vector256<float> scale, Vector256<float> minimum, float inputScale, float inputSum, Vector256<float> sum)
    {
        sum = Vector256.FusedMultiplyAdd(Avx.ConvertToVector256Single(dot) * Vector256.Create(inputScale), scale, sum);
        return Vector256.FusedMultiplyAdd(minimum, Vector256.Create(inputSum), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> Dword(sbyte* codes) => Vector256.Create(*(int*)codes).AsSByte();
}
