using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>Writes float matrices as a safetensors file; the same content gives the same bytes.</summary>
internal static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Writes header and data.</summary>
    /// <param name="stream">Empty.</param>
    /// <param name="metadata">In the order written.</param>
    /// <param name="tensors">[rows][columns] each, in the order written.</param>
    public static void Write(
        Stream stream, IEnumerable<(string Name, string Value)> metadata, IReadOnlyList<(string Name, int Rows, int Columns, float[] Values)> tensors)
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
            foreach ((string name, int rows, int columns, float[] values) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                Integers(json, "shape", rows, columns);
                long end = offset + ((long)values.Length * sizeof(float));
                Integers(json, "data_offsets", offset, end);
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
        foreach ((_, _, _, float[] values) in tensors)
        {
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    private static void Integers(Utf8JsonWriter json, string name, long first, long second)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(first);
        json.WriteNumberValue(second);
        json.WriteEndArray();
    }
}
