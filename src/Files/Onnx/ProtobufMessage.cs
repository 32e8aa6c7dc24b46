using System.Text;

namespace AdaptiveKv.Files.Onnx;

/// <summary>A message of Protocol Buffers that is being written: fields in the order they are added, numbers and texts without a choice of encoding, so that the same fields are the same bytes.</summary>
internal sealed class ProtobufMessage
{
    private const int Varint = 0;
    private const int Length = 2;

    private readonly List<byte> bytes = [];

    /// <summary>A whole number, an enumeration or a truth value.</summary>
    public ProtobufMessage Add(int field, long value)
    {
        Key(field, Varint);
        Number((ulong)value);
        return this;
    }

    /// <summary>A text.</summary>
    public ProtobufMessage Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A message within this one.</summary>
    public ProtobufMessage Add(int field, ProtobufMessage value) => Add(field, value.ToArray());

    /// <summary>Bytes.</summary>
    public ProtobufMessage Add(int field, ReadOnlySpan<byte> value)
    {
        Key(field, Length);
        Number((ulong)value.Length);
        bytes.AddRange(value);
        return this;
    }

    /// <summary>One field for each.</summary>
    public ProtobufMessage AddAll<T>(IEnumerable<T> values, Action<ProtobufMessage, T> add)
    {
        foreach (T value in values)
        {
            add(this, value);
        }

        return this;
    }

    /// <summary>The message as it is now.</summary>
    public byte[] ToArray() => [.. bytes];

    private void Key(int field, int wire) => Number((ulong)((field << 3) | wire));

    private void Number(ulong value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
    }
}
