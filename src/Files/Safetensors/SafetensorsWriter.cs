using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace AdaptiveKv.Files.Safetensors;

/// <summary>Writes tensors as a safetensors file; the same content gives the same bytes.</summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Writes header and data.</summary>
    /// <param name="stream">Empty.</param>
    /// <param name="metadata">In the order written.</param>
    /// <param name="tensors">In the order written.</param>
    public static void Write(Stream stream, IEnumerable<(string Name, string Value)> metadata, IReadOnlyList<SafetensorsTensor> tensors) => Write(
        stream,
        metadata,
        [.. tensors.Select(tensor => new SafetensorsContent(
            tensor.Name, "F32", tensor.Shape, (long)tensor.Values.Length * sizeof(float), content => content.Write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()))))]);

    /// <summary>Writes header and data of any type.</summary>
    /// <param name="stream">Empty.</param>
    /// <param name="metadata">In the order written.</param>
    /// <param name="tensors">In the order written.</param>
    public static void Write(Stream stream, IEnumerable<(string Name, string Value)> metadata, IReadOnlyList<SafetensorsContent> tensors)
    {
        ArrayBufferWriter<byte> header = new();
        using (Utf8JsonWriter json = new(header))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach ((string name, string value) in metadata)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            long offset = 0;
            foreach (SafetensorsContent tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.DataType);
                Integers(json, "shape", tensor.Shape.Select(dimension => (long)dimension));
                long end = offset + tensor.Bytes;
                Integers(json, "data_offsets", [offset, end]);
                json.WriteEndObject();
                offset = end;
            }

            json.WriteEndObject();
        }

        // Blanks after the header keep the data aligned.
        int padded = (header.WrittenCount + Alignment - 1) / Alignment * Alignment;
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)padded);
        stream.Write(length);
        stream.Write(header.WrittenSpan);
        stream.Write(Encoding.ASCII.GetBytes(new string(' ', padded - header.WrittenCount)));
        foreach (SafetensorsContent tensor in tensors)
        {
            tensor.Write(stream);
        }
    }

    private static void Integers(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (long value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
