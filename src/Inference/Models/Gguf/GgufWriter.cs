using System.Text;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>Writes GGUF version 3: the header first, then each tensor's rows in the order announced.</summary>
internal sealed class GgufWriter
{
    private const int Alignment = 32;

    private readonly Stream file;
    private long position;

    /// <summary>Writes the header.</summary>
    /// <param name="file">Empty; filled from the start.</param>
    /// <param name="metadata">Keys and values; no alignment among them.</param>
    /// <param name="tensors">All tensors; vectors have one row.</param>
    public GgufWriter(
        Stream file, GgufMetadataBuilder metadata, IReadOnlyList<(string Name, TensorType Type, int Rows, int Columns)> tensors)
    {
        this.file = file;
        using MemoryStream header = new();
        using BinaryWriter writer = new(header);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Count);
        writer.Write(metadata.Bytes);
        long offset = 0;
        foreach ((string name, TensorType type, int rows, int columns) in tensors)
        {
            byte[] encoded = Encoding.UTF8.GetBytes(name);
            writer.Write((ulong)encoded.Length);
            writer.Write(encoded);
            writer.Write(rows == 1 ? 1u : 2u);
            writer.Write((ulong)columns);
            if (rows != 1)
            {
                writer.Write((ulong)rows);
            }

            writer.Write((uint)type);
            writer.Write((ulong)offset);
            offset = Aligned(offset + ((long)rows * WeightFormats.RowBytes(type, columns)));
        }

        Append(header.GetBuffer().AsSpan(0, (int)header.Length));
        EndTensor();
    }

    /// <summary>Adds rows of the current tensor.</summary>
    public void Append(ReadOnlySpan<byte> rows)
    {
        file.Write(rows);
        position += rows.Length;
    }

    /// <summary>Pads the current tensor; the next rows are the next tensor's.</summary>
    public void EndTensor()
    {
        Span<byte> padding = stackalloc byte[Alignment];
        padding.Clear();
        Append(padding[..(int)(Aligned(position) - position)]);
    }

    private static long Aligned(long length) => (length + Alignment - 1) / Alignment * Alignment;
}
