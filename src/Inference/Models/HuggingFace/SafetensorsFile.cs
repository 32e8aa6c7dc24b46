using AdaptiveKv.Files;
using AdaptiveKv.Files.Safetensors;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>Opens the tensors of a safetensors file under canonical names.</summary>
internal static class SafetensorsFile
{
    /// <summary>The tensors of a Llama checkpoint, or of one shard of it.</summary>
    /// <exception cref="ModelFormatException">A tensor cannot be one of a Llama decoder.</exception>
    public static IEnumerable<ModelTensor> Tensors(ModelFile file)
    {
        SafetensorsHeader header = SafetensorsReader.Read(file);
        return header.Entries.Where(entry => !FolderTensorNames.IsDerived(entry.Name)).Select(entry => Tensor(file, entry, header.DataStart)).ToList();
    }

    private static StoredTensor Tensor(ModelFile file, SafetensorsEntry entry, long start)
    {
        TensorType type = entry.DataType switch
        {
            "F32" => TensorType.F32,
            "F16" => TensorType.F16,
            "BF16" => TensorType.BF16,
            _ => throw Error(file, entry, $"element type {entry.DataType} is not supported; F32, F16 and BF16 are"),
        };
        (long rows, long columns) = entry.Shape switch
        {
            [long only] => (1, only),
            [long outputs, long inputs] => (outputs, inputs),
            _ => throw Error(file, entry, $"{entry.Shape.Count} dimensions; a Llama model has vectors and matrices"),
        };
        int elementBytes = WeightFormats.RowBytes(type, 1);
        if (rows is <= 0 or > int.MaxValue || columns <= 0 || columns > int.MaxValue / elementBytes)
        {
            throw Error(file, entry, $"is {rows} x {columns}; each dimension is at least 1 and a row below 2^31 bytes");
        }

        long bytes = rows * columns * elementBytes;
        if (bytes != entry.End - entry.Begin)
        {
            throw Error(
                file, entry, $"{rows} x {columns} x {entry.DataType} are {bytes} bytes; data_offsets span {entry.End - entry.Begin}");
        }

        return new StoredTensor(file, FolderTensorNames.Canonical(entry.Name), type, (int)rows, (int)columns, start + entry.Begin);
    }

    private static ModelFormatException Error(ModelFile file, SafetensorsEntry entry, string problem) =>
        new(file.Path, entry.Name, entry.HeaderOffset, problem);
}
