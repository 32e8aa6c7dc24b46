using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models.Gguf;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Inference.Models.Conversion;

/// <summary>
/// Converts a model's weights to a GGUF file of 4 or 8 bits that llama.cpp reads too. Norms stay F32; the embedding and the output matrix
/// are Q8_0, as rows of an embedding are used one by one and tolerate coarse steps least.
/// </summary>
public static class WeightQuantization
{
    private const int ChunkWeights = 1 << 20;

    /// <summary>Writes <paramref name="source"/> as a GGUF file; the name appears when the file is whole.</summary>
    /// <param name="source">A model in F32, F16 or BF16; tensors that have their target type already are copied.</param>
    /// <param name="type">Q4_0, Q4_1 or Q8_0.</param>
    /// <param name="outputPath">The file; replaced where it exists.</param>
    /// <param name="progress">Told after every part of a tensor.</param>
    /// <param name="log">Receives a line where weights are too small for the type.</param>
    /// <param name="cancellation">Stops between parts; nothing is left behind.</param>
    /// <exception cref="ArgumentException">Another type is asked for.</exception>
    /// <exception cref="ModelFormatException">Rows that do not fill blocks, weights quantized already, NaN.</exception>
    public static void Write(
        ModelSource source,
        TensorType type,
        string outputPath,
        IProgress<QuantizationProgress>? progress = null,
        Action<string>? log = null,
        CancellationToken cancellation = default)
    {
        if (type is not (TensorType.Q4_0 or TensorType.Q4_1 or TensorType.Q8_0))
        {
            throw new ArgumentException($"{type} is no type to quantize to; Q4_0, Q4_1 and Q8_0 are", nameof(type));
        }

        List<(string Name, TensorType Type, int Rows, int Columns)> plan =
            [.. LlamaTensors.Of(source.Shape).Select(
                tensor => (tensor.Name, Target(source, source.Tensors[tensor.Name], type), tensor.Rows, tensor.Columns))];
        OutputFile.Write(outputPath, stream => Write(source, plan, new GgufWriter(stream, QuantizationMetadata.Of(source, type), plan), progress, log, cancellation));
    }

    private static void Write(
        ModelSource source,
        IReadOnlyList<(string Name, TensorType Type, int Rows, int Columns)> plan,
        GgufWriter writer,
        IProgress<QuantizationProgress>? progress,
        Action<string>? log,
        CancellationToken cancellation)
    {
        long total = plan.Sum(tensor => (long)tensor.Rows * tensor.Columns);
        long done = 0;
        List<(string Name, long Weights)> lost = [];
        foreach ((string name, TensorType target, int rows, int columns) in plan)
        {
            RowConversion conversion = new(source, source.Tensors[name], target);
            int chunk = Math.Max(1, ChunkWeights / columns);
            for (int first = 0; first < rows; first += chunk)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = Math.Min(chunk, rows - first);
                writer.Append(conversion.Rows(first, count));
                done += (long)count * columns;
                progress?.Report(new QuantizationProgress(name, done, total));
            }

            writer.EndTensor();
            if (conversion.Lost > 0)
            {
                lost.Add((name, conversion.Lost));
            }
        }

        if (lost.Count > 0)
        {
            log?.Invoke($"warning: {source.Path}: {lost.Sum(tensor => tensor.Weights)} weights in {lost.Count} tensors ({lost[0].Name} first) are too small for a 16-bit scale: "
                + "they are off by more than a step; use the model unquantized");
        }
    }

    private static TensorType Target(ModelSource source, ModelTensor tensor, TensorType type)
    {
        TensorType target = tensor.Name.EndsWith("_norm.weight", StringComparison.Ordinal) ? TensorType.F32
            : tensor.Name is LlamaTensors.Embedding or LlamaTensors.Output ? TensorType.Q8_0
            : type;
        int block = WeightFormats.BlockColumns(target);
        if (tensor.Columns % block != 0)
        {
            throw new ModelFormatException(
                source.Path,
                tensor.Name,
                -1,
                $"rows of {tensor.Columns} columns; {target} stores blocks of {block}: this model cannot be quantized");
        }

        if (tensor.Type != target && WeightFormats.BlockColumns(tensor.Type) > 1)
        {
            throw new ModelFormatException(
                source.Path,
                tensor.Name,
                -1,
                $"is quantized as {tensor.Type} already; a second rounding to {target} would add its error: start from F16, BF16 or F32");
        }

        return target;
    }
}
