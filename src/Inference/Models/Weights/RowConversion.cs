using System.Numerics.Tensors;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>Reads rows of a tensor in the order GGUF stores them and converts them to another storage type.</summary>
/// <param name="source">The model.</param>
/// <param name="tensor">One of its tensors.</param>
/// <param name="target">Its own type, which copies, or one that can be quantized to.</param>
internal sealed class RowConversion(ModelSource source, ModelTensor tensor, TensorType target)
{
    private readonly float[] weights = new float[tensor.Columns];
    private readonly byte[] stored = new byte[tensor.RowBytes];
    private readonly int targetBytes = WeightFormats.RowBytes(target, tensor.Columns);
    private readonly bool permuted = source.Shape.RotaryLayout == RotaryLayout.Halves
        && new[] { "attn_q.weight", "attn_k.weight" }.Any(name => tensor.Name.EndsWith(name, StringComparison.Ordinal));

    private byte[] converted = [];

    /// <summary>Rows <paramref name="first"/> to first + count - 1 of the target; valid until the next call.</summary>
    public ReadOnlySpan<byte> Rows(int first, int count)
    {
        if (converted.Length < count * targetBytes)
        {
            converted = GC.AllocateUninitializedArray<byte>(count * targetBytes);
        }

        for (int i = 0; i < count; i++)
        {
            Convert(first + i, converted.AsSpan(i * targetBytes, targetBytes));
        }

        return converted.AsSpan(0, count * targetBytes);
    }

    /// <summary>
    /// Row of a Hugging Face matrix that belongs at <paramref name="row"/> of an interleaved one: 2i + p of a head comes from p d/2 + i.
    /// </summary>
    /// <param name="row">Row of the interleaved matrix.</param>
    /// <param name="headDim">Rows per head, d.</param>
    internal static int HalvesRow(int row, int headDim)
    {
        int inHead = row % headDim;
        return row - inHead + (inHead % 2 * (headDim / 2)) + (inHead / 2);
    }

    private void Convert(int row, Span<byte> destination)
    {
        tensor.ReadRows(permuted ? HalvesRow(row, source.Shape.HeadDim) : row, 1, stored);
        if (tensor.Type == target)
        {
            stored.CopyTo(destination);
            return;
        }

        WeightFormats.Dequantize(tensor.Type, stored, weights);
        if (!TensorPrimitives.IsFiniteAll<float>(weights))
        {
            throw new ModelFormatException(source.Path, tensor.Name, -1, $"row {row} holds NaN or infinity; the checkpoint is damaged");
        }

        if (!WeightFormats.Quantize(target, weights, destination))
        {
            throw new ModelFormatException(
                source.Path, tensor.Name, -1, $"row {row} holds weights beyond the range of {target}'s 16-bit scale");
        }
    }
}
