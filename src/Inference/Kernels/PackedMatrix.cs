namespace AdaptiveKv.Inference.Kernels;

/// <summary>A weight matrix in groups of eight rows ("octets"); the last octet is padded with zero rows.</summary>
internal sealed unsafe class PackedMatrix
{
    /// <summary>Rows that are computed together.</summary>
    public const int OctetRows = 8;

    /// <summary>Columns of a block.</summary>
    public const int BlockColumns = 32;

    private readonly byte* start;

    /// <summary>A matrix of zeros in an arena that outlives it.</summary>
    public PackedMatrix(WeightKind kind, int rows, int columns, WeightArena arena)
    {
        Kind = kind;
        Rows = rows;
        Columns = columns;
        OctetBytes = BytesPerOctet(kind, columns);
        start = arena.Take(Bytes);
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
    public long Bytes => OctetBytes * Octets;

    /// <summary>First byte of an octet.</summary>
    public byte* Octet(int octet) => start + (octet * OctetBytes);

    /// <summary>An octet in float, [Columns][8]: where it lies, or dequantized into <paramref name="scratch"/>.</summary>
    public float* Values(int octet, float* scratch)
    {
        switch (Kind)
        {
            case WeightKind.Q4:
                OctetValues.Dequantize<Q4Block>(Octet(octet), Columns, scratch);
                return scratch;
            case WeightKind.Q8:
                OctetValues.Dequantize<Q8Block>(Octet(octet), Columns, scratch);
                return scratch;
            default:
                return (float*)Octet(octet);
        }
    }

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

    /// <summary>Bytes a matrix will take of its arena.</summary>
    public static long BytesOf(WeightKind kind, int rows, int columns) => checked(BytesPerOctet(kind, columns) * ((rows + OctetRows - 1) / OctetRows));

    private static long BytesPerOctet(WeightKind kind, int columns) => kind switch
    {
        WeightKind.Q4 => (long)columns / BlockColumns * Q4Block.Bytes,
        WeightKind.Q8 => (long)columns / BlockColumns * Q8Block.Bytes,
        _ => (long)columns * OctetRows * sizeof(float),
    };

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
