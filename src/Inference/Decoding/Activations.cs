using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>A batch of activation rows as the inputs of matrix products: in float, and in int8 where the arithmetic is not float.</summary>
internal sealed unsafe class Activations : IDisposable
{
    private readonly NativeBuffer values;
    private readonly QuantizedRows? quantized;

    /// <param name="rows">Most rows.</param>
    /// <param name="columns">Width of a row.</param>
    /// <param name="arithmetic">Of the products.</param>
    /// <param name="narrow">Whether all weights have 4 bits.</param>
    /// <param name="taken">Whether rows come by <see cref="Take"/> alone: then only float arithmetic keeps them in float.</param>
    public Activations(int rows, int columns, Arithmetic arithmetic, bool narrow = false, bool taken = false)
    {
        Columns = columns;
        values = NativeBuffer.OfFloats(taken && arithmetic != Arithmetic.Float ? 0 : (long)rows * columns);
        quantized = arithmetic == Arithmetic.Float ? null : new QuantizedRows(rows, columns, arithmetic == Arithmetic.Int8Single, narrow);
    }

    /// <summary>Width of a row.</summary>
    public int Columns { get; }

    /// <summary>Says how many rows are multiplied together from now on; kernels for other numbers do not find them.</summary>
    public void Expect(int rows)
    {
        if (quantized is not null)
        {
            quantized.Batch = rows;
        }
    }

    /// <summary>A row in float; call Ready after writing.</summary>
    public Span<float> Row(int row) => values.FloatSpan((long)row * Columns, Columns);

    /// <summary>Quantizes a row that was written.</summary>
    public void Ready(int row) => Ready(row, new WorkShare(0, Columns));

    /// <summary>Quantizes <paramref name="columns"/>, whole blocks of 32, of a row.</summary>
    public void Ready(int row, WorkShare columns) => quantized?.Quantize(row, Columns, values.Floats + ((long)row * Columns), columns.From, columns.To);

    /// <summary>Takes <paramref name="columns"/>, whole blocks of 32, of some rows from elsewhere; quantized ones are not kept in float.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="columns">Their columns.</param>
    /// <param name="source">[rows.Count][columns.Count].</param>
    public void Take(WorkShare rows, WorkShare columns, float* source)
    {
        if (quantized is not null)
        {
            quantized.Quantize(rows.From, rows.Count, Columns, source, columns.Count, columns.From, columns.To);
            return;
        }

        foreach (int row in rows)
        {
            new ReadOnlySpan<float>(source, columns.Count).CopyTo(Row(row)[columns.From..]);
            source += columns.Count;
        }
    }

    /// <summary>output[rows][stride] = W x for <paramref name="octets"/> of W.</summary>
    public void Multiply(PackedMatrix weights, WorkShare octets, int firstRow, int rows, float* output, int stride, bool add, float* scratch)
    {
        if (quantized is null)
        {
            MatrixProduct.Float(weights, octets.From, octets.To, values.Floats + ((long)firstRow * Columns), rows, output, stride, add, scratch);
        }
        else
        {
            MatrixProduct.Int8(weights, octets.From, octets.To, quantized, firstRow, rows, output, stride, add, scratch);
        }
    }

    /// <summary>The same for all of W, which the members of a team share out.</summary>
    public void Multiply(PackedMatrix weights, ThreadTeam team, int member, int firstRow, int rows, float* output, int stride, bool add, float* scratch)
    {
        ProductUnits units = ProductUnits.Of(weights.Octets, rows, team.Threads);
        foreach (WorkShare part in team.Parts(units.Count, member))
        {
            for (WorkShare left = part; left.Count > 0;)
            {
                left = units.Split(left, out WorkShare octets, out WorkShare own);
                Multiply(weights, octets, firstRow + own.From, own.Count, output + ((long)own.From * stride), stride, add, scratch);
            }
        }
    }

    public void Dispose()
    {
        values.Dispose();
        quantized?.Dispose();
    }
}
