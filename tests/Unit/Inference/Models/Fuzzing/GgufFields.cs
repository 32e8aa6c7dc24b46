using System.Buffers.Binary;
using AdaptiveKv.Inference.Models.Gguf;

namespace AdaptiveKv.Unit.Inference.Models.Fuzzing;

/// <summary>Finds the fields of a well-formed GGUF file, for mutations that hit them.</summary>
internal sealed class GgufFields(byte[] file)
{
    private readonly List<GgufField> fields = [];
    private int position;

    /// <summary>All fields; the header ends with the last one.</summary>
    public static IReadOnlyList<GgufField> Of(byte[] file) => new GgufFields(file).Walk();

    private List<GgufField> Walk()
    {
        Add(GgufFieldKind.Text, 4);
        Add(GgufFieldKind.Type, 4);
        ulong tensors = Number(GgufFieldKind.Count, 8);
        ulong pairs = Number(GgufFieldKind.Count, 8);
        for (ulong i = 0; i < pairs; i++)
        {
            int start = position;
            Text();
            Value((GgufValueType)Number(GgufFieldKind.Type, 4));
            fields.Add(new GgufField(GgufFieldKind.Pair, start, position - start));
        }

        for (ulong i = 0; i < tensors; i++)
        {
            int start = position;
            Text();
            ulong dimensions = Number(GgufFieldKind.Count, 4);
            for (ulong k = 0; k < dimensions; k++)
            {
                Add(GgufFieldKind.Length, 8);
            }

            Add(GgufFieldKind.Type, 4);
            Add(GgufFieldKind.Length, 8);
            fields.Add(new GgufField(GgufFieldKind.Tensor, start, position - start));
        }

        return fields;
    }

    private void Value(GgufValueType type)
    {
        switch (type)
        {
            case GgufValueType.String:
                Text();
                break;
            case GgufValueType.Array:
                GgufValueType elementType = (GgufValueType)Number(GgufFieldKind.Type, 4);
                ulong count = Number(GgufFieldKind.Count, 8);
                for (ulong i = 0; i < count; i++)
                {
                    Value(elementType);
                }

                break;
            default:
                Add(GgufFieldKind.Value, type switch
                {
                    GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
                    GgufValueType.UInt16 or GgufValueType.Int16 => 2,
                    GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
                    _ => 4,
                });
                break;
        }
    }

    private void Text() => Add(GgufFieldKind.Text, (int)Number(GgufFieldKind.Length, 8));

    private ulong Number(GgufFieldKind kind, int bytes)
    {
        ReadOnlySpan<byte> number = file.AsSpan(position, bytes);
        Add(kind, bytes);
        return bytes == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(number) : BinaryPrimitives.ReadUInt32LittleEndian(number);
    }

    private void Add(GgufFieldKind kind, int bytes)
    {
        fields.Add(new GgufField(kind, position, bytes));
        position += bytes;
    }
}
