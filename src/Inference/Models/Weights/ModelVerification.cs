using System.Numerics.Tensors;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>Reads a model completely: every weight must be a finite number, and the hash tells which model it was.</summary>
public static class ModelVerification
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Verifies an opened model.</summary>
    /// <param name="source">The model; its headers were checked when it was opened.</param>
    /// <param name="progress">Told the share done, 0 to 1, after every tensor.</param>
    /// <param name="cancellation">Stops between tensors.</param>
    /// <exception cref="ModelFormatException">The file was cut after it was opened.</exception>
    public static VerificationReport Verify(
        ModelSource source, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ModelSummary summary = ModelSummary.Of(source);
        List<TensorFault> faults = [];
        long done = 0;
        foreach (ModelTensor tensor in source.Tensors.Values.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Fault(tensor) is TensorFault fault)
            {
                faults.Add(fault);
            }

            done += (long)tensor.Rows * tensor.RowBytes;
            progress?.Report((double)done / summary.Bytes);
        }

        return new VerificationReport(summary, source.Sha256, faults);
    }

    private static TensorFault? Fault(ModelTensor tensor)
    {
        int chunk = Math.Clamp(ChunkBytes / tensor.RowBytes, 1, tensor.Rows);
        byte[] rows = new byte[chunk * tensor.RowBytes];
        float[] weights = new float[tensor.Columns];
        TensorFault? fault = null;
        for (int first = 0; first < tensor.Rows; first += chunk)
        {
            int count = Math.Min(chunk, tensor.Rows - first);
            tensor.ReadRows(first, count, rows.AsSpan(0, count * tensor.RowBytes));
            for (int i = 0; i < count; i++)
            {
                // A scale that is no number makes every weight of its block none: decoding finds both.
                WeightFormats.Dequantize(tensor.Type, rows.AsSpan(i * tensor.RowBytes, tensor.RowBytes), weights);
                if (!TensorPrimitives.IsFiniteAll<float>(weights))
                {
                    int wrong = weights.Count(weight => !float.IsFinite(weight));
                    fault ??= new TensorFault(tensor.Name, first + i, Array.FindIndex(weights, weight => !float.IsFinite(weight)), 0);
                    fault = fault with { Weights = fault.Weights + wrong };
                }
            }
        }

        return fault;
    }
}
