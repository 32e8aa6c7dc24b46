using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>Collects keys and values as a GGUF header stores them.</summary>
internal sealed class GgufMetadataBuilder
{
    private readonly ArrayBufferWriter<byte> bytes = new();

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Bytes => bytes.WrittenSpan;

    /// <summary>Takes a pair over as another file stores it.</summary>
    public void Copy(ReadOnlySpan<byte> stored)
    {
        bytes.Write(stored);
        Count++;
    }

    public void Add(string key, int value)
    {
        Begin(key, GgufValueType.UInt32);
        Number((uint)value);
    }

    public void Add(string key, float value)
    {
        Begin(key, GgufValueType.Float32);
        Number(BitConverter.SingleToUInt32Bits(value));
    }

    public void Add(string key, bool value)
    {
        Begin(key, GgufValueType.Bool);
        bytes.Write([value ? (byte)1 : (byte)0]);
    }

    public void Add(string key, string value)
    {
        Begin(key, GgufValueType.String);
        Text(value);
    }

    public void Add(string key, IReadOnlyList<string> values)
    {
        BeginArray(key, GgufValueType.String, values.Count);
        foreach (string value in values)
        {
            Text(value);
        }
    }

    public void Add(string key, IReadOnlyList<int> values)
    {
        BeginArray(key, GgufValueType.Int32, values.Count);
        foreach (int value in values)
        {
            Number((uint)value);
        }
    }

    private void Begin(string key, GgufValueType type)
    {
        Text(key);
        Number((uint)type);
        Count++;
    }

    private void BeginArray(string key, GgufValueType elementType, int count)
    {
        Begin(key, GgufValueType.Array);
        Number((uint)elementType);
        Count64(count);
    }

    private void Text(string text)
    {
        byte[] encoded = Encoding.UTF8.GetBytes(text);
        Count64(encoded.Length);
        bytes.Write(encoded);
    }

    private void Number(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.GetSpan(sizeof(uint)), value);
        bytes.Advance(sizeof(uint));
    }

    private void Count64(int value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.GetSpan(sizeof(ulong)), (ulong)value);
        bytes.Advance(sizeof(ulong));
    }
}
