using System.Text;
using AdaptiveKv.Inference.Models.Gguf;

namespace AdaptiveKv.Unit.Inference.Models.Gguf;

/// <summary>Writes GGUF files, right and wrong ones: every field can be set to what a correct writer would not write.</summary>
internal sealed class GgufBuilder
{
    private readonly List<(byte[] Key, byte[] Value)> pairs = [];
    private readonly List<Tensor> tensors = [];

    public uint Version { get; set; } = 3;

    public ulong? PairCount { get; set; }

    public ulong? TensorCount { get; set; }

    public int Alignment { get; set; } = 32;

    /// <summary>Sets a key to a value of a .NET type that has a GGUF type; replaces an earlier one.</summary>
    public GgufBuilder Set(string key, object value) => Without(key).Append(key, Encode(value));

    /// <summary>Adds a key with the bytes of its type and value, whatever is there already.</summary>
    public GgufBuilder Append(string key, params byte[][] typeAndValue)
    {
        pairs.Add((Encoding.UTF8.GetBytes(key), [.. typeAndValue.SelectMany(bytes => bytes)]));
        return this;
    }

    public GgufBuilder Without(string key)
    {
        pairs.RemoveAll(pair => pair.Key.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(key)));
        return this;
    }

    public GgufBuilder WithoutKeys()
    {
        pairs.Clear();
        return this;
    }

    public GgufBuilder Add(Tensor tensor)
    {
        tensors.Add(tensor);
        return this;
    }

    public GgufBuilder WithoutTensor(string name)
    {
        tensors.RemoveAll(tensor => tensor.Name == name);
        return this;
    }

    public GgufBuilder Change(string name, Func<Tensor, Tensor> change)
    {
        int index = tensors.FindIndex(tensor => tensor.Name == name);
        tensors[index] = change(tensors[index]);
        return this;
    }

    public byte[] Build()
    {
        using MemoryStream file = new();
        using BinaryWriter writer = new(file);
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write(TensorCount ?? (ulong)tensors.Count);
        writer.Write(PairCount ?? (ulong)pairs.Count);
        foreach ((byte[] key, byte[] value) in pairs)
        {
            writer.Write((ulong)key.Length);
            writer.Write(key);
            writer.Write(value);
        }

        ulong offset = 0;
        foreach (Tensor tensor in tensors)
        {
            writer.Write(Text(tensor.Name));
            writer.Write((uint)tensor.Dimensions.Length);
            Array.ForEach(tensor.Dimensions, writer.Write);
            writer.Write(tensor.Type);
            writer.Write(tensor.Offset ?? offset);
            offset += (ulong)Padded(tensor.Data.Length);
        }

        writer.Write(new byte[Padded(file.Position) - file.Position]);
        foreach (Tensor tensor in tensors)
        {
            writer.Write(tensor.Data);
            writer.Write(new byte[Padded(tensor.Data.Length) - tensor.Data.Length]);
        }

        return file.ToArray();
    }

    /// <summary>Type id and value of a scalar, a string or an array.</summary>
    public static byte[] Encode(object value) => value switch
    {
        byte v => [.. Id(GgufValueType.UInt8), v],
        sbyte v => [.. Id(GgufValueType.Int8), (byte)v],
        ushort v => [.. Id(GgufValueType.UInt16), .. BitConverter.GetBytes(v)],
        short v => [.. Id(GgufValueType.Int16), .. BitConverter.GetBytes(v)],
        uint v => [.. Id(GgufValueType.UInt32), .. BitConverter.GetBytes(v)],
        int v => [.. Id(GgufValueType.Int32), .. BitConverter.GetBytes(v)],
        ulong v => [.. Id(GgufValueType.UInt64), .. BitConverter.GetBytes(v)],
        long v => [.. Id(GgufValueType.Int64), .. BitConverter.GetBytes(v)],
        float v => [.. Id(GgufValueType.Float32), .. BitConverter.GetBytes(v)],
        double v => [.. Id(GgufValueType.Float64), .. BitConverter.GetBytes(v)],
        bool v => [.. Id(GgufValueType.Bool), v ? (byte)1 : (byte)0],
        string v => [.. Id(GgufValueType.String), .. Text(v)],
        string[] v => [.. ArrayOf(GgufValueType.String, v.Length), .. v.SelectMany(Text)],
        int[] v => [.. ArrayOf(GgufValueType.Int32, v.Length), .. v.SelectMany(BitConverter.GetBytes)],
        float[] v => [.. ArrayOf(GgufValueType.Float32, v.Length), .. v.SelectMany(BitConverter.GetBytes)],
        _ => throw new ArgumentException($"no GGUF type for {value.GetType()}", nameof(value)),
    };

    /// <summary>Type id, element type and count of an array; its elements follow.</summary>
    public static byte[] ArrayOf(GgufValueType elementType, long count) =>
        [.. Id(GgufValueType.Array), .. Id(elementType), .. BitConverter.GetBytes(count)];

    public static byte[] Id(GgufValueType type) => BitConverter.GetBytes((uint)type);

    public static byte[] Text(string text) =>
        [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;

    /// <summary>A tensor's description and its data; the offset is where the data lies unless another one is given.</summary>
    public sealed record Tensor(string Name, ulong[] Dimensions, uint Type, byte[] Data, ulong? Offset = null);
}
