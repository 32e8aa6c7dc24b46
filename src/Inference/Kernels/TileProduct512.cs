using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>Products of weights with batches of activation rows in 512-bit vectors, tile by tile: weights are unpacked once for a panel of rows.</summary>
/// <typeparam name="TTile">What is unpacked, and the kernels for it.</typeparam>
internal static unsafe class TileProduct512<TTile>
    where TTile : struct, IProductTile
{
    /// <summary>Fewer activation rows never pay for the unpacking.</summary>
    public const int LeastRows = 24;

    private const int PanelBytes = 384 << 10; // Of activations: they stay in a second-level cache of 512 KB while the weights pass by.
    private const int MostPanelRows = 512;

    /// <summary>Scratch of <see cref="Multiply{TBlock}"/>.</summary>
    /// <param name="rows">Most activation rows.</param>
    public static long ScratchFloats(int rows) => TileFloats + ((long)Math.Min(Whole(rows), MostPanelRows) * WordTile.Rows);

    /// <summary>Whether it is the fastest product of a batch.</summary>
    public static bool Pays(int rows) => Avx512BW.IsSupported && rows >= LeastRows;

    private static int TileFloats => TTile.MostBlocks * TTile.BlockBytes / sizeof(float);

    /// <summary>As <see cref="MatrixProduct.Int8"/>.</summary>
    public static void Multiply<TBlock>(
        PackedMatrix weights, int octetFrom, int octetTo, QuantizedRows inputs, int inputRow, int rows, float* output, int outputStride, bool add, float* scratch)
        where TBlock : struct, IWeightBlock
    {
        int most = Math.Clamp(PanelBytes / (weights.Columns / PackedMatrix.BlockColumns * TTile.InputBytes), LeastRows, MostPanelRows);
        int groups = Whole(rows) / TTile.RowsTogether, panels = (rows + most - 1) / most;
        for (int panel = 0; panel < panels; panel++)
        {
            int first = groups * panel / panels * TTile.RowsTogether, end = Math.Min(groups * (panel + 1) / panels * TTile.RowsTogether, rows);
            float* target = output + ((long)first * outputStride);
            for (int octet = octetFrom; octet < octetTo; octet += WordTile.Octets)
            {
                Tile<TBlock>(weights, octet, octetTo, inputs, inputRow + first, end - first, target, outputStride, add, scratch);
            }
        }
    }

    private static void Tile<TBlock>(
        PackedMatrix weights, int octet, int octetTo, QuantizedRows inputs, int inputRow, int rows, float* output, int outputStride, bool add, float* scratch)
        where TBlock : struct, IWeightBlock
    {
        byte* tile = (byte*)scratch;
        float* sums = scratch + TileFloats;
        int blocks = weights.Columns / PackedMatrix.BlockColumns;
        int parts = (blocks + TTile.MostBlocks - 1) / TTile.MostBlocks;
        new Span<float>(sums, Whole(rows) * WordTile.Rows).Clear();
        for (int part = 0; part < parts; part++)
        {
            int first = blocks * part / parts, count = (blocks * (part + 1) / parts) - first;
            TTile.Unpack<TBlock>(weights, octet, octetTo - 1, first, count, tile);
            TTile.Multiply(tile, count, inputs, inputRow, rows, weights.Columns, first, sums);
        }

        int firstRow = octet * PackedMatrix.OctetRows;
        int valid = Math.Min(Math.Min(octetTo - octet, WordTile.Octets) * PackedMatrix.OctetRows, weights.Rows - firstRow);
        for (int row = 0; row < rows; row++)
        {
            weights.Finish(firstRow, valid, sums + (row * WordTile.Rows));
            OctetOutput.Store(sums + (row * WordTile.Rows), output + ((long)row * outputStride) + firstRow, valid, add);
        }
    }

    private static int Whole(int rows) => (rows + TTile.RowsTogether - 1) / TTile.RowsTogether * TTile.RowsTogether;
}
