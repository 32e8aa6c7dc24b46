using System.Buffers.Binary;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.Gguf;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Laboratory.Shapes;

/// <summary>
/// A model of random weights: uniform, of variance 1 / columns, so that activations keep their size through the layers as a trained model's do; norms are 1. Each
/// tensor has its own stream of random numbers: the same seed and shape give the same bytes.
/// </summary>
/// <param name="like">Gives the tokenizer and each kind of tensor's storage type.</param>
/// <param name="shape">The model's.</param>
/// <param name="seed">Of the weights.</param>
internal sealed class RandomWeights(GgufModel like, LlamaShape shape, ulong seed)
{
    private const float Levels = 127.5f; // A weight is drawn as a byte: stored types have no finer steps.

    private readonly IReadOnlyList<(string Name, TensorType Type, int Rows, int Columns)> plan =
        [.. LlamaTensors.Of(shape).Select(tensor => (tensor.Name, TypeOf(like, tensor.Name), tensor.Rows, tensor.Columns))];

    /// <summary>Number of weights.</summary>
    public long Count => plan.Sum(tensor => (long)tensor.Rows * tensor.Columns);

    /// <summary>Writes the file; its name appears when it is whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="progress">Hears the number of weights written so far.</param>
    /// <param name="cancellation">Ends the work between two rows.</param>
    /// <exception cref="ArgumentException">Rows do not fill the blocks of their type.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Write(string path, IProgress<long>? progress, CancellationToken cancellation) => OutputFile.Write(path, stream =>
    {
        GgufWriter writer = new(stream, Metadata(), plan);
        long done = 0;
        for (int tensor = 0; tensor < plan.Count; tensor++)
        {
            (_, TensorType type, int rows, int columns) = plan[tensor];
            float[] weights = new float[columns];
            byte[] stored = new byte[WeightFormats.RowBytes(type, columns)];
            Array.Fill(weights, 1);
            for (int row = 0; row < rows; row++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (rows > 1)
                {
                    Draw((ulong)tensor, row, weights);
                }

                WeightFormats.Quantize(type, weights, stored);
                writer.Append(stored);
                done += columns;
                progress?.Report(done);
            }

            writer.EndTensor();
        }
    });

    private void Draw(ulong tensor, int row, Span<float> weights)
    {
        CounterRandom random = new(seed);
        float scale = MathF.Sqrt(3f / weights.Length) / Levels;
        ulong counter = (ulong)row * (ulong)((weights.Length + sizeof(ulong) - 1) / sizeof(ulong));
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        for (int column = 0; column < weights.Length; column += bytes.Length)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, random.Bits(counter++, tensor));
            for (int i = 0; i < Math.Min(bytes.Length, weights.Length - column); i++)
            {
                weights[column + i] = (bytes[i] - Levels) * scale;
            }
        }
    }

    private GgufMetadataBuilder Metadata()
    {
        GgufMetadataBuilder metadata = new();
        foreach (GgufEntry entry in like.Header.Metadata.Entries.Where(entry =>
            entry.Key.StartsWith("tokenizer.", StringComparison.Ordinal) || entry.Key is "general.architecture" or "general.file_type" or "general.quantization_version"))
        {
            metadata.Copy(like.Header.Metadata.Stored(entry));
        }

        metadata.Add("general.name", $"random weights, {shape.Layers} layers of {shape.Hidden}, seed {seed}");
        QuantizationMetadata.AddShape(metadata, shape);
        return metadata;
    }

    private static TensorType TypeOf(GgufModel like, string name)
    {
        // Every layer is stored as the first one.
        string[] parts = name.Split('.');
        return like.Tensors[parts[0] == "blk" ? $"blk.0.{parts[2]}.{parts[3]}" : name].Type;
    }
}
