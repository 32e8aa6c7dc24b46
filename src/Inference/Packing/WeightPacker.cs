using AdaptiveKv.Files;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;

namespace AdaptiveKv.Inference.Packing;

/// <summary>Reads tensors and packs them; says once per pair of types when a conversion changes the weights.</summary>
internal sealed unsafe class WeightPacker(string path, Arithmetic arithmetic, WeightArena arena, Action<string>? log)
{
    private readonly HashSet<(TensorType, WeightKind)> said = [];

    /// <summary>An arena for all tensors that become matrices.</summary>
    public static WeightArena ArenaFor(IEnumerable<ModelTensor> tensors, Arithmetic arithmetic) => new(tensors.Sum(tensor =>
        WeightArena.Rounded(PackedMatrix.BytesOf(RowPacker.KindFor(tensor.Type, arithmetic), tensor.Rows, tensor.Columns))));

    /// <summary>A matrix in packed form.</summary>
    public PackedMatrix Matrix(ModelTensor tensor)
    {
        WeightKind kind = RowPacker.KindFor(tensor.Type, arithmetic);
        if (tensor.Columns % PackedMatrix.BlockColumns != 0)
        {
            throw new ModelFormatException(
                path, tensor.Name, -1, $"{tensor.Columns} columns; the kernels need a multiple of {PackedMatrix.BlockColumns}");
        }

        if (!RowPacker.IsExact(tensor.Type, kind) && said.Add((tensor.Type, kind)))
        {
            log?.Invoke($"{tensor.Type} weights are converted to {kind} blocks on load, from {tensor.Name} on");
        }

        PackedMatrix matrix = new(kind, tensor.Rows, tensor.Columns, arena);
        try
        {
            Fill(matrix, tensor);
        }
        catch (InvalidDataException error)
        {
            throw new ModelFormatException(path, tensor.Name, -1, error.Message);
        }

        return matrix;
    }

    /// <summary>A vector in float.</summary>
    public float[] Vector(ModelTensor tensor)
    {
        byte[] stored = new byte[tensor.RowBytes];
        tensor.ReadRows(0, 1, stored);
        float[] values = new float[tensor.Columns];
        Models.Weights.WeightFormats.Dequantize(tensor.Type, stored, values);
        return System.Numerics.Tensors.TensorPrimitives.IsFiniteAll<float>(values)
            ? values
            : throw new ModelFormatException(path, tensor.Name, -1, "holds a number that is not finite");
    }

    private static void Fill(PackedMatrix matrix, ModelTensor tensor)
    {
        const int BatchOctets = 32;
        byte[] stored = new byte[checked(tensor.RowBytes * Math.Min(tensor.Rows, BatchOctets * PackedMatrix.OctetRows))];
        float[] values = new float[tensor.Columns];
        for (int first = 0; first < tensor.Rows; first += BatchOctets * PackedMatrix.OctetRows)
        {
            int rows = Math.Min(BatchOctets * PackedMatrix.OctetRows, tensor.Rows - first);
            tensor.ReadRows(first, rows, stored.AsSpan(0, rows * tensor.RowBytes));
            for (int i = 0; i < rows; i++)
            {
                int row = first + i;
                matrix.Multiply(row, RowPacker.Pack(
                    tensor.Type, stored.AsSpan(i * tensor.RowBytes, tensor.RowBytes), matrix.Kind,
                    matrix.Octet(row / PackedMatrix.OctetRows), row % PackedMatrix.OctetRows, values));
            }
        }
    }
}
