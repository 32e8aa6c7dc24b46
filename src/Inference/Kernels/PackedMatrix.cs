using System.Numerics.Tensors;

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

    /// <summary>[Octets * 8] powers of two that rows are multiplied by, for scales beyond binary16; null where all are 1, as in most matrices.</summary>
    public float[]? Factors { get; private set; }

    /// <summary>First byte of an octet.</summary>
    public byte* Octet(int octet) => start + (octet * OctetBytes);

    /// <summary>Says what a packed row is to be multiplied by.</summary>
    public void Multiply(int row, float factor)
    {
        if (factor != 1f)
        {
            Factors ??= [.. Enumerable.Repeat(1f, Octets * OctetRows)];
            Factors[row] = factor;
        }
    }

    /// <summary>An octet in float, [Columns][8]: where it lies, or dequantized into <paramref name="scratch"/>.</summary>
    public float* Values(int octet, float* scratch)
    {
        switch (Kind)
        {
            case WeightKind.Q4:
                OctetValues.Dequantize<Q4Block>(Octet(octet), Columns, scratch);
                break;
            case WeightKind.Q8:
                OctetValues.Dequantize<Q8Block>(Octet(octet), Columns, scratch);
                break;
            default:
                return (float*)Octet(octet);
        }

        if (Factors is not null)
        {
            for (int column = 0; column < Columns; column++)
            {
                Finish(octet * OctetRows, OctetRows, scratch + (column * OctetRows));
            }
        }

        return scratch;
    }

    /// <summary>Multiplies the sums of packed rows by the rows' factors, in place.</summary>
    /// <param name="firstRow">Row of the first sum.</param>
    /// <param name="count">Sums.</param>
    /// <param name="sums">[count].</param>
    public void Finish(int firstRow, int count, float* sums)
    {
        if (Factors is { } factors)
        {
            TensorPrimitives.Multiply(new ReadOnlySpan<float>(sums, count), factors.AsSpan(firstRow, count), new Span<float>(sums, count));
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

        if (Factors is { } factors)
        {
            TensorPrimitives.Multiply(destination, factors[row], destination);
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
