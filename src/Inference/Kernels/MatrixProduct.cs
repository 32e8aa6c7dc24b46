namespace AdaptiveKv.Inference.Kernels;

/// <summary>y = W x for a range of octets of W and a batch of activation rows; the entry to the kernels of each weight kind.</summary>
internal static unsafe class MatrixProduct
{
    /// <summary>Scratch of a product of either kind.</summary>
    /// <param name="columns">Most columns of a matrix.</param>
    /// <param name="rows">Most activation rows.</param>
    public static long ScratchFloats(int columns, int rows) => Math.Max(
        Math.Max((long)columns * PackedMatrix.OctetRows, EightProduct512.ScratchFloats), Math.Max(TileProduct512<WordTile>.ScratchFloats(rows), TileProduct512<PlaneTile>.ScratchFloats(rows)));

    /// <summary>int8 activations against packed weights.</summary>
    /// <param name="weights">Q4 or Q8.</param>
    /// <param name="octetFrom">First octet.</param>
    /// <param name="octetTo">Past the last octet.</param>
    /// <param name="inputs">Quantized rows of weights.Columns columns.</param>
    /// <param name="firstRow">First activation row.</param>
    /// <param name="rows">Number of activation rows.</param>
    /// <param name="output">[rows][outputStride]; column r receives row r of W.</param>
    /// <param name="outputStride">Floats between output rows.</param>
    /// <param name="add">Whether the product is added to what is there (a residual connection).</param>
    /// <param name="scratch">As many floats as <see cref="ScratchFloats"/> says, aligned to 64 bytes.</param>
    public static void Int8(
        PackedMatrix weights, int octetFrom, int octetTo, QuantizedRows inputs, int firstRow, int rows, float* output, int outputStride, bool add, float* scratch)
    {
        switch (weights.Kind)
        {
            case WeightKind.Q4:
                Int8Product<Q4Block>.Multiply(weights, octetFrom, octetTo, inputs, firstRow, rows, output, outputStride, add, scratch);
                break;
            case WeightKind.Q8:
                Int8Product<Q8Block>.Multiply(weights, octetFrom, octetTo, inputs, firstRow, rows, output, outputStride, add, scratch);
                break;
            default:
                throw new NotSupportedException("int8 activations need packed weights; load the model with int8 arithmetic");
        }
    }

    /// <summary>Float activations against weights of any kind, dequantized eight rows at a time.</summary>
    /// <param name="weights">Any kind.</param>
    /// <param name="octetFrom">First octet.</param>
    /// <param name="octetTo">Past the last octet.</param>
    /// <param name="inputs">[rows][weights.Columns].</param>
    /// <param name="rows">Number of activation rows.</param>
    /// <param name="output">[rows][outputStride].</param>
    /// <param name="outputStride">Floats between output rows.</param>
    /// <param name="add">Whether the product is added.</param>
    /// <param name="scratch">As in <see cref="Int8"/>.</param>
    public static void Float(
        PackedMatrix weights, int octetFrom, int octetTo, float* inputs, int rows, float* output, int outputStride, bool add, float* scratch)
    {
        for (int octet = octetFrom; octet < octetTo; octet++)
        {
            FloatProduct.Octet(weights.Values(octet, scratch), weights.Columns, inputs, rows, output, outputStride, octet * PackedMatrix.OctetRows, weights.Rows, add);
        }
    }
}
