using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Weights;
using AdaptiveKv.Unit.Inference.Models.Weights;
using AdaptiveKv.Unit.KvCache;

namespace AdaptiveKv.Unit.Inference.Kernels;

/// <summary>A tensor of stored rows in memory.</summary>
internal sealed class MemoryTensor(TensorType type, int rows, int columns, byte[] data) : ModelTensor
{
    public override string Name => "blk.0.ffn_up.weight";

    public override TensorType Type => type;

    public override int Rows => rows;

    public override int Columns => columns;

    public override int RowBytes => WeightFormats.RowBytes(type, columns);

    public byte[] Data => data;

    /// <summary>Normal weights where the type has a quantizer, else random blocks with finite scales.</summary>
    public static MemoryTensor Random(TensorType type, int rows, int columns, int seed)
    {
        Random random = new(seed);
        int rowBytes = WeightFormats.RowBytes(type, columns);
        byte[] data = new byte[rows * rowBytes];
        random.NextBytes(data);
        for (int row = 0; row < rows; row++)
        {
            Span<byte> stored = data.AsSpan(row * rowBytes, rowBytes);
            if (type is TensorType.F32 or TensorType.Q4_0 or TensorType.Q4_1 or TensorType.Q8_0)
            {
                WeightFormats.Quantize(type, Gaussian.Row(random, columns, deviation: 0.05), stored);
            }
            else
            {
                BlockFormulas.MakeFinite(type, stored);
            }
        }

        return new MemoryTensor(type, rows, columns, data);
    }

    public override void ReadRows(int firstRow, int count, Span<byte> destination) => data.AsSpan(firstRow * RowBytes, count * RowBytes).CopyTo(destination);

    /// <summary>One row by the reference decoder.</summary>
    public float[] Row(int row)
    {
        float[] weights = new float[columns];
        WeightFormats.Dequantize(type, data.AsSpan(row * RowBytes, RowBytes), weights);
        return weights;
    }
}
