using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace AdaptiveKv.Collection.Teacher;

/// <summary>The weights of a Llama model as float tensors on a device, read from the same files as the engine's, whatever type they are stored in.</summary>
internal sealed class TeacherWeights : IDisposable
{
    private const int PieceBytes = 1 << 24;

    private readonly Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);

    /// <param name="source">The model.</param>
    /// <param name="device">Where they are kept.</param>
    /// <exception cref="ModelFormatException">A weight is not finite.</exception>
    public TeacherWeights(ModelSource source, Device device)
    {
        foreach ((string name, _, _) in LlamaTensors.Of(source.Shape))
        {
            tensors.Add(name, Read(source.Path, source.Tensors[name], device));
        }
    }

    /// <summary>[tokens, hidden].</summary>
    public Tensor Embedding => tensors[LlamaTensors.Embedding];

    /// <summary>[hidden].</summary>
    public Tensor OutputNorm => tensors[LlamaTensors.OutputNorm];

    /// <summary>[tokens, hidden]; the embedding where they are one.</summary>
    public Tensor Output => tensors.GetValueOrDefault(LlamaTensors.Output) ?? Embedding;

    /// <summary>A part of a layer, by the short name of its tensor: "attn_q" of [outputs, inputs].</summary>
    public Tensor this[int layer, string part] => tensors[$"blk.{layer}.{part}.weight"];

    public void Dispose()
    {
        foreach (Tensor tensor in tensors.Values)
        {
            tensor.Dispose();
        }
    }

    private static Tensor Read(string path, ModelTensor stored, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        int perPiece = Math.Clamp(PieceBytes / (stored.Columns * sizeof(float)), 1, stored.Rows);
        byte[] row = new byte[stored.RowBytes];
        float[] piece = new float[perPiece * stored.Columns];
        Tensor matrix = empty(stored.Rows, stored.Columns, ScalarType.Float32, device);
        for (int first = 0; first < stored.Rows; first += perPiece)
        {
            int rows = Math.Min(perPiece, stored.Rows - first);
            for (int i = 0; i < rows; i++)
            {
                stored.ReadRows(first + i, 1, row);
                WeightFormats.Dequantize(stored.Type, row, piece.AsSpan(i * stored.Columns, stored.Columns));
            }

            Span<float> read = piece.AsSpan(0, rows * stored.Columns);
            if (!System.Numerics.Tensors.TensorPrimitives.IsFiniteAll<float>(read))
            {
                throw new ModelFormatException(path, stored.Name, -1, "holds a number that is not finite");
            }

            using Tensor source = tensor(read.ToArray(), rows, stored.Columns);
            matrix.narrow(0, first, rows).copy_(source);
        }

        return (stored.Rows == 1 ? matrix.view(stored.Columns) : matrix).MoveToOuterDisposeScope();
    }
}
