using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>A weight matrix in groups of eight rows ("octets"); the last octet is padded with zero rows.</summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    /// <summary>Rows that are computed together.</summary>
    public const int OctetRows = 8;

    /// <summary>Columns of a block.</summary>
    public const int BlockColumns = 32;

    private readonly NativeBuffer memory;

    public PackedMatrix(WeightKind kind, int rows, int columns)
    {
        Kind = kind;
        Rows = rows;
        Columns = columns;
        OctetBytes = kind switch
        {
            WeightKind.Q4 => (long)columns / BlockColumns * Q4Block.Bytes,
            WeightKind.Q8 => (long)columns / BlockColumns * Q8Block.Bytes,
            _ => (long)columns * OctetRows * sizeof(float),
        };
        memory = new NativeBuffer(checked(OctetBytes * Octets));
    }

    public WeightKind Kind { get; }

    /// <summary>Outputs.</summary>
    public int Rows { get; }

    /// <summary>Inputs.</summary>
    public int Columns { get; }

    /// <summary>Groups of eight rows.</summary>
    public int Octets => (Rows + OctetRows - 1) / OctetRows;

    /// <summary>Bytes of one octet.</summary>
    public long OctetBytes { get; }

    /// <summary>Bytes of the whole matrix.</summary>
    public long Bytes => memory.Bytes;

    /// <summary>First byte of an octet.</summary>
    public byte* Octet(int octet) => memory.Pointer + (octet * OctetBytes);

    /// <summary>One row in float: an embedding.</summary>
    public void ReadRow(int row, Span<float> destination)
    {
        byte* octet = Octet(row / OctetRows);
        switch (Kind)
        {
            case WeightKind.Q4:
                ReadRow<Q4Block>(octet, row % OctetRows, destination);
                break;
            case WeightKind.Q8:
                ReadRow<Q8Block>(octet, row % OctetRows, destination);
                break;
            default:
                for (int column = 0; column < destination.Length; column++)
                {
                    destination[column] = ((float*)octet)[(column * OctetRows) + (row % OctetRows)];
                }

                break;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    private static void ReadRow<TBlock>(byte* octet, int row, Span<float> destination)
        where TBlock : struct, IWeightBlock
    {
        for (int column = 0; column < destination.Length; column++)
        {
            byte* block = octet + (column / BlockColumns * TBlock.Bytes);
            (float scale, float minimum) = TBlock.RowScale(block, row);
            destination[column] = (scale * TBlock.Code(block, row, column % BlockColumns)) + minimum;
        }
    }
}
