using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace AdaptiveKv.Files.Safetensors;

/// <summary>Writes float tensors as a safetensors file; the same content gives the same bytes.</summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Writes header and data.</summary>
    /// <param name="stream">Empty.</param>
    /// <param name="metadata">In the order written.</param>
    /// <param name="tensors">In the order written.</param>
    public static void Write(Stream stream, IEnumerable<(string Name, string Value)> metadata, IReadOnlyList<SafetensorsTensor> tensors)
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
            foreach (SafetensorsTensor tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", "F32");
                Integers(json, "shape", tensor.Shape.Select(dimension => (long)dimension));
                long end = offset + ((long)tensor.Values.Length * sizeof(float));
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
        foreach (SafetensorsTensor tensor in tensors)
        {
            stream.Write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
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
