using System.Numerics.Tensors;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Inference.Models.Conversion;

/// <summary>Reads rows of a tensor in the order GGUF stores them and converts them to another storage type.</summary>
/// <param name="source">The model.</param>
/// <param name="tensor">One of its tensors.</param>
/// <param name="target">Its own type, which copies, or one that can be quantized to.</param>
internal sealed class RowConversion(ModelSource source, ModelTensor tensor, TensorType target)
{
    private const float SmallScale = 1f / (1 << 14); // Of binary16's full precision.
    private const double LostSteps = 1.25;

    private readonly float[] weights = new float[tensor.Columns];
    private readonly byte[] stored = new byte[tensor.RowBytes];
    private readonly int targetBytes = WeightFormats.RowBytes(target, tensor.Columns);
    private readonly int blockBytes = WeightFormats.RowBytes(target, WeightFormats.BlockColumns(target));
    private readonly bool permuted = source.Shape.RotaryLayout == RotaryLayout.Halves
        && new[] { "attn_q.weight", "attn_k.weight" }.Any(name => tensor.Name.EndsWith(name, StringComparison.Ordinal));

    private byte[] converted = [];

    /// <summary>Weights so far that are off by more than a step of their block, because its 16-bit scale has few digits left, or none.</summary>
    public long Lost { get; private set; }

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

        for (int start = 0; start < weights.Length; start += WeightFormats.BlockColumns(target))
        {
            Lost += LostIn(weights.AsSpan(start, WeightFormats.BlockColumns(target)), destination.Slice(start / WeightFormats.BlockColumns(target) * blockBytes, blockBytes));
        }
    }

    private int LostIn(ReadOnlySpan<float> block, ReadOnlySpan<byte> written)
    {
        // The formats that have a scale begin with it. A 4-bit code may be a whole step from its weight.
        if (target == TensorType.F32 || Math.Abs(F16.Read(written)) > SmallScale)
        {
            return 0;
        }

        double step = target switch
        {
            TensorType.Q8_0 => Math.Abs(TensorPrimitives.MaxMagnitude(block)) / 127.0,
            TensorType.Q4_0 => Math.Abs(TensorPrimitives.MaxMagnitude(block)) / 8.0,
            _ => ((double)TensorPrimitives.Max(block) - TensorPrimitives.Min(block)) / 15,
        };
        Span<float> read = stackalloc float[block.Length];
        WeightFormats.Dequantize(target, written, read);
        int lost = 0;
        for (int i = 0; i < block.Length; i++)
        {
            lost += Math.Abs((double)read[i] - block[i]) > LostSteps * step ? 1 : 0;
        }

        return lost;
    }
}
