using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>Keys and values of a GGUF header behind typed getters: a value of another type is an error, never a cast.</summary>
/// <param name="path">The file, for errors.</param>
/// <param name="bytes">The header's bytes.</param>
/// <param name="entries">Keys and values in the file's order, keys distinct.</param>
internal sealed class GgufMetadata(string path, byte[] bytes, IReadOnlyDictionary<string, GgufEntry> entries)
{
    public IEnumerable<GgufEntry> Entries => entries.Values;

    public bool Has(string key) => entries.ContainsKey(key);

    /// <summary>Elements of an array, of any type.</summary>
    public int Count(string key) => Find(key) is { Type: GgufValueType.Array } entry ? entry.Count : throw WrongType(Find(key), "an array");

    /// <summary>Key and value as stored.</summary>
    public ReadOnlySpan<byte> Stored(GgufEntry entry) => bytes.AsSpan(entry.Start, entry.End - entry.Start);

    /// <summary>An integer of any width from 0 to 2^31 - 1.</summary>
    public int Integer(string key) => Integer(Find(key));

    public int? OptionalInteger(string key) => entries.TryGetValue(key, out GgufEntry? entry) ? Integer(entry) : null;

    /// <summary>A number of floating point.</summary>
    public double Real(string key)
    {
        GgufEntry entry = Find(key);
        ReadOnlySpan<byte> value = bytes.AsSpan(entry.ValueStart);
        return entry.Type switch
        {
            GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(value),
            GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(value),
            _ => throw WrongType(entry, "a floating-point number"),
        };
    }

    public double? OptionalReal(string key) => Has(key) ? Real(key) : null;

    public bool? OptionalFlag(string key) =>
        !entries.TryGetValue(key, out GgufEntry? entry) ? null
        : entry.Type == GgufValueType.Bool ? bytes[entry.ValueStart] != 0
        : throw WrongType(entry, "a bool");

    public string Text(string key)
    {
        GgufEntry entry = Find(key);
        int position = entry.ValueStart;
        return entry.Type == GgufValueType.String ? NextText(entry, ref position) : throw WrongType(entry, "a string");
    }

    public string? OptionalText(string key) => Has(key) ? Text(key) : null;

    /// <summary>An array of strings.</summary>
    public string[] Texts(string key)
    {
        GgufEntry entry = Find(key);
        if (entry.Type != GgufValueType.Array || entry.ElementType != GgufValueType.String)
        {
            throw WrongType(entry, "an array of strings");
        }

        string[] texts = new string[entry.Count];
        int position = entry.ValueStart;
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = NextText(entry, ref position);
        }

        return texts;
    }

    /// <summary>An array of 32-bit integers; null where there is none.</summary>
    public int[]? OptionalIntegers(string key)
    {
        if (!entries.TryGetValue(key, out GgufEntry? entry))
        {
            return null;
        }

        if (entry.Type != GgufValueType.Array || entry.ElementType is not (GgufValueType.Int32 or GgufValueType.UInt32))
        {
            throw WrongType(entry, "an array of 32-bit integers");
        }

        int[] values = new int[entry.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(entry.ValueStart + (i * sizeof(int))));
        }

        return values;
    }

    /// <summary>An error about the value of <paramref name="key"/>.</summary>
    public ModelFormatException Error(string key, string problem) =>
        new(path, key, entries.TryGetValue(key, out GgufEntry? entry) ? entry.ValueStart : -1, problem);

    /// <summary>
    /// Ids of tokens under a key, a number or an array; none where it is absent. Those that no token has are passed over, as llama.cpp does.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="tokens">Number of tokens.</param>
    /// <param name="remarks">Hears of them.</param>
    public IReadOnlyList<int> Ids(string key, int tokens, List<string> remarks)
    {
        if (!entries.TryGetValue(key, out GgufEntry? entry))
        {
            return [];
        }

        IEnumerable<Int128> values = entry.Type == GgufValueType.Array ? OptionalIntegers(key)!.Select(value => (Int128)value) : [Whole(entry)];
        List<int> ids = [];
        foreach (Int128 value in values)
        {
            if (value >= 0 && value < tokens)
            {
                ids.Add((int)value);
            }
            else
            {
                remarks.Add($"{path}: {key} is {value}; the vocabulary has the ids 0 to {tokens - 1}: taken as none");
            }
        }

        return ids;
    }

    private GgufEntry Find(string key) =>
        entries.TryGetValue(key, out GgufEntry? entry) ? entry : throw new ModelFormatException(path, key, -1, "the key is missing");

    private int Integer(GgufEntry entry)
    {
        Int128 integer = Whole(entry);
        return integer >= 0 && integer <= int.MaxValue
            ? (int)integer
            : throw Error(entry.Key, $"is {integer}; an integer from 0 to {int.MaxValue} is expected");
    }

    private Int128 Whole(GgufEntry entry)
    {
        ReadOnlySpan<byte> value = bytes.AsSpan(entry.ValueStart);
        return entry.Type switch
        {
            GgufValueType.UInt8 => value[0],
            GgufValueType.Int8 => (sbyte)value[0],
            GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(value),
            GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(value),
            GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(value),
            GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(value),
            GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(value),
            GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(value),
            _ => throw WrongType(entry, "an integer"),
        };
    }

    private string NextText(GgufEntry entry, ref int position)
    {
        // The lengths were checked against the file when the header was walked.
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(position));
        ReadOnlySpan<byte> text = bytes.AsSpan(position + sizeof(ulong), length);
        if (!Utf8.IsValid(text))
        {
            throw new ModelFormatException(path, entry.Key, position, "the string is not valid UTF-8");
        }

        position += sizeof(ulong) + length;
        return Encoding.UTF8.GetString(text);
    }

    private ModelFormatException WrongType(GgufEntry entry, string expected) =>
        Error(entry.Key, $"is {entry.TypeName}; {expected} is expected");
}

/// <summary>One key and value of a header; the value stays in the header's bytes until it is asked for.</summary>
/// <param name="Key">The key.</param>
/// <param name="Type">Type of the value.</param>
/// <param name="ElementType">Type of an array's elements; else <paramref name="Type"/>.</param>
/// <param name="Count">Elements of an array; else 1.</param>
/// <param name="Start">Byte offset of the pair, its key's length.</param>
/// <param name="ValueStart">Byte offset of the value, for an array of its first element.</param>
/// <param name="End">Byte offset after the value.</param>
internal sealed record GgufEntry(string Key, GgufValueType Type, GgufValueType ElementType, int Count, int Start, int ValueStart, int End)
{
    public string TypeName => Type == GgufValueType.Array ? $"an array of {ElementType}" : Type.ToString();
}
