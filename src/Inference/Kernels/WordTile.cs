using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// Some columns of 32 weight rows, unpacked once for all activation rows of a batch: per block of 32 columns sixteen words of two columns each, [word][row][2] in 16
/// bits, then 32 scales and 32 minima. Word 2p holds columns 4p and 4p + 2, word 2p + 1 columns 4p + 1 and 4p + 3, as the bytes of plane p come apart.
/// </summary>
internal readonly unsafe struct WordTile : IProductTile
{
    /// <summary>Octets of a tile.</summary>
    public const int Octets = 4;

    /// <summary>Weight rows of a tile.</summary>
    public const int Rows = Octets * PackedMatrix.OctetRows;

    /// <summary>Activation rows of a kernel.</summary>
    public const int ActivationRows = 4;

    /// <summary>Bytes of a word for all rows.</summary>
    public const int WordBytes = Rows * 2 * sizeof(short);

    /// <summary>Offset of the scales in a block.</summary>
    public const int ScaleOffset = PackedMatrix.BlockColumns / 2 * WordBytes;

    /// <summary>Offset of the minima in a block.</summary>
    public const int MinimumOffset = ScaleOffset + (Rows * sizeof(float));

    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = MinimumOffset + (Rows * sizeof(float));

    static int IProductTile.BlockBytes => BlockBytes;

    static int IProductTile.MostBlocks => 12;

    static int IProductTile.RowsTogether => ActivationRows;

    static int IProductTile.InputBytes => QuantizedRows.BlockBytes + (2 * sizeof(float));

    public static void Unpack<TBlock>(PackedMatrix weights, int octet, int last, int firstBlock, int blocks, byte* tile)
        where TBlock : struct, IWeightBlock
    {
        for (int i = 0; i < Octets; i++)
        {
            byte* block = weights.Octet(Math.Min(octet + i, last)) + ((long)firstBlock * TBlock.Bytes);
            byte* target = tile + (i * WordBytes / Octets);
            float* scales = (float*)(tile + ScaleOffset) + (i * PackedMatrix.OctetRows);
            for (int b = 0; b < blocks; b++)
            {
                Words(TBlock.Plane(block, 0), target);
                Words(TBlock.Plane(block, 1), target + (2 * WordBytes));
                Words(TBlock.Plane(block, 2), target + (4 * WordBytes));
                Words(TBlock.Plane(block, 3), target + (6 * WordBytes));
                Words(TBlock.Plane(block, 4), target + (8 * WordBytes));
                Words(TBlock.Plane(block, 5), target + (10 * WordBytes));
                Words(TBlock.Plane(block, 6), target + (12 * WordBytes));
                Words(TBlock.Plane(block, 7), target + (14 * WordBytes));
                TBlock.Scales(block, out Vector256<float> scale, out Vector256<float> minimum);
                scale.Store(scales);
                minimum.Store(scales + Rows);
                block += TBlock.Bytes;
                target += BlockBytes;
                scales += BlockBytes / sizeof(float);
            }
        }
    }

    public static void Multiply(byte* tile, int blocks, QuantizedRows inputs, int inputRow, int rows, int columns, int firstBlock, float* sums) =>
        WordProduct512.Multiply(tile, blocks, inputs, inputRow, rows, columns, firstBlock, sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Words(Vector256<byte> plane, byte* target)
    {
        (plane.AsUInt16() & Vector256.Create((ushort)0xFF)).Store((ushort*)target);
        (plane.AsUInt16() >>> 8).Store((ushort*)(target + WordBytes));
    }
}
