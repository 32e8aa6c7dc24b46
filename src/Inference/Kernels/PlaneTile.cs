using System.Runtime.Intrinsics;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// A tile of 4-bit weights for activations of one plane, which are multiplied bytes with bytes: per block of 32 columns eight planes of four columns, [plane][row][4] in
/// 8 bits, then 32 scales and 32 minima.
/// </summary>
internal readonly unsafe struct PlaneTile : IProductTile
{
    /// <summary>Planes of a block, and 32-bit numbers of its activation codes.</summary>
    public const int Planes = PackedMatrix.BlockColumns / 4;

    /// <summary>Bytes of a plane for all rows.</summary>
    public const int PlaneBytes = WordTile.Rows * 4;

    /// <summary>Offset of the scales in a block; the minima follow.</summary>
    public const int ScaleOffset = Planes * PlaneBytes;

    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = ScaleOffset + (2 * WordTile.Rows * sizeof(float));

    static int IProductTile.BlockBytes => BlockBytes;

    static int IProductTile.MostBlocks => 18;

    static int IProductTile.RowsTogether => QuantizedRows.TogetherRows;

    static int IProductTile.InputBytes => QuantizedRows.BlockColumns + (2 * sizeof(float));

    public static void Unpack<TBlock>(PackedMatrix weights, int octet, int last, int firstBlock, int blocks, byte* tile)
        where TBlock : struct, IWeightBlock
    {
        const int OctetBytes = PlaneBytes / WordTile.Octets;
        for (int i = 0; i < WordTile.Octets; i++)
        {
            byte* block = weights.Octet(Math.Min(octet + i, last)) + ((long)firstBlock * TBlock.Bytes);
            byte* target = tile + (i * OctetBytes);
            float* scales = (float*)(tile + ScaleOffset) + (i * PackedMatrix.OctetRows);
            for (int b = 0; b < blocks; b++)
            {
                TBlock.Plane(block, 0).Store(target);
                TBlock.Plane(block, 1).Store(target + PlaneBytes);
                TBlock.Plane(block, 2).Store(target + (2 * PlaneBytes));
                TBlock.Plane(block, 3).Store(target + (3 * PlaneBytes));
                TBlock.Plane(block, 4).Store(target + (4 * PlaneBytes));
                TBlock.Plane(block, 5).Store(target + (5 * PlaneBytes));
                TBlock.Plane(block, 6).Store(target + (6 * PlaneBytes));
                TBlock.Plane(block, 7).Store(target + (7 * PlaneBytes));
                TBlock.Scales(block, out Vector256<float> scale, out Vector256<float> minimum);
                scale.Store(scales);
                minimum.Store(scales + WordTile.Rows);
                block += TBlock.Bytes;
                target += BlockBytes;
                scales += BlockBytes / sizeof(float);
            }
        }
    }

    public static void Multiply(byte* tile, int blocks, QuantizedRows inputs, int inputRow, int rows, int columns, int firstBlock, float* sums)
    {
        for (int row = 0; row < rows; row += QuantizedRows.TogetherRows)
        {
            PlaneProduct512.Eight(tile, blocks, inputs.Planes(inputRow + row, columns, firstBlock), inputs.Factors(inputRow + row, columns, firstBlock), sums + (row * WordTile.Rows));
        }
    }
}
