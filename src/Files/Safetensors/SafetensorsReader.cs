using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AdaptiveKv.Files.Safetensors;

/// <summary>
/// Parses the header of a safetensors file: 8 bytes of length, that many bytes of JSON, then the data, which the tensors cover without
/// overlap, hole or rest (huggingface/safetensors, README "Format").
/// </summary>
public static class SafetensorsReader
{
    private const int LargestHeader = 100_000_000;
    private const int MostDimensions = 8;

    /// <summary>The header, its tensors in the order of their data.</summary>
    /// <exception cref="ModelFormatException">The header is malformed.</exception>
    public static SafetensorsHeader Read(ModelFile file)
    {
        ForeignFile.Refuse(file);
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        file.Read("header length", 0, prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        long left = file.Length - sizeof(ulong);
        if (length > (ulong)Math.Min(left, LargestHeader))
        {
            throw new ModelFormatException(
                file.Path, "header length", 0, $"is {length}; the file has {left} more bytes, a header at most {LargestHeader}");
        }

        byte[] json = GC.AllocateUninitializedArray<byte>((int)length);
        file.Read("header", sizeof(ulong), json);
        JsonText.Check(file.Path, sizeof(ulong), json);
        Dictionary<string, string> metadata = [];
        List<SafetensorsEntry> entries = Entries(file.Path, json, metadata);
        entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        CheckCoverage(file.Path, entries, left - json.Length);
        return new SafetensorsHeader(entries, sizeof(ulong) + json.Length, metadata);
    }

    /// <summary>The numbers of a tensor, row after row.</summary>
    /// <param name="file">The file of the header.</param>
    /// <param name="header">Its header.</param>
    /// <param name="entry">One of the header's entries.</param>
    /// <param name="shape">The only shape allowed.</param>
    /// <param name="owner">Whose shape that is, for the error: "this model's".</param>
    /// <param name="positive">Whether only numbers above 0 are allowed.</param>
    /// <exception cref="ModelFormatException">It has another type, shape or size, or a number is not finite or not allowed.</exception>
    public static float[] Floats(
        ModelFile file, SafetensorsHeader header, SafetensorsEntry entry, IReadOnlyList<int> shape, string owner, bool positive = false)
    {
        if (entry.DataType != "F32" || !entry.Shape.SequenceEqual(shape.Select(dimension => (long)dimension)))
        {
            throw new ModelFormatException(
                file.Path,
                entry.Name,
                entry.HeaderOffset,
                $"is {entry.DataType} [{string.Join(", ", entry.Shape)}]; {owner} is F32 [{string.Join(", ", shape)}]");
        }

        long count = shape.Aggregate(1L, (product, dimension) => checked(product * dimension));
        if (entry.End - entry.Begin != count * sizeof(float))
        {
            throw new ModelFormatException(
                file.Path, entry.Name, entry.HeaderOffset, $"data_offsets span {entry.End - entry.Begin} bytes; {count * sizeof(float)} are expected");
        }

        float[] values = new float[count];
        file.Read(entry.Name, header.DataStart + entry.Begin, MemoryMarshal.AsBytes(values.AsSpan()));
        int wrong = Array.FindIndex(values, value => !float.IsFinite(value) || (positive && value <= 0f));
        return wrong < 0
            ? values
            : throw new ModelFormatException(
                file.Path,
                entry.Name,
                header.DataStart + entry.Begin + (wrong * sizeof(float)),
                $"is {values[wrong]} in row {wrong / shape[^1]}; expected {(positive ? "positive finite" : "finite")} numbers");
    }

    /// <summary>Walks the members; the text has been checked to be JSON whose members have names of their own.</summary>
    private static List<SafetensorsEntry> Entries(string path, byte[] json, Dictionary<string, string> metadata)
    {
        Utf8JsonReader reader = new(json);
        List<SafetensorsEntry> entries = [];
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new ModelFormatException(path, "header", sizeof(ulong), "a JSON object is expected");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            long at = sizeof(ulong) + reader.TokenStartIndex;
            string name = reader.GetString()!;
            reader.Read();
            if (name == "__metadata__")
            {
                Strings(ref reader, metadata);
            }
            else
            {
                entries.Add(Entry(path, name, at, ref reader));
            }
        }

        return entries;
    }

    // Models carry all sorts of metadata that nobody needs; what is no string is passed over.
    private static void Strings(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                metadata[name] = reader.GetString()!;
            }

            reader.Skip();
        }
    }

    private static SafetensorsEntry Entry(string path, string name, long at, ref Utf8JsonReader reader)
    {
        string? dataType = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        Expect(path, name, reader.TokenType == JsonTokenType.StartObject, ref reader, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string member = reader.GetString()!;
            reader.Read();
            switch (member)
            {
                case "dtype":
                    Expect(path, name, reader.TokenType == JsonTokenType.String, ref reader, "a string as dtype");
                    dataType = reader.GetString();
                    break;
                case "shape":
                    shape = Integers(path, name, ref reader);
                    break;
                case "data_offsets":
                    offsets = Integers(path, name, ref reader);
                    break;
                default:
                    throw new ModelFormatException(
                        path, name, sizeof(ulong) + reader.TokenStartIndex, $"member \"{member}\" is unknown");
            }
        }

        if (dataType is null || shape is null || offsets is not [long begin, long end])
        {
            throw new ModelFormatException(path, name, at, "dtype, shape and two data_offsets are expected");
        }

        return new SafetensorsEntry(name, dataType, shape, begin, end, at);
    }

    private static List<long> Integers(string path, string name, ref Utf8JsonReader reader)
    {
        List<long> values = [];
        Expect(path, name, reader.TokenType == JsonTokenType.StartArray, ref reader, "an array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            long value = -1;
            bool integer = reader.TokenType == JsonTokenType.Number
                && reader.TryGetInt64(out value)
                && value >= 0
                && values.Count < MostDimensions;
            Expect(path, name, integer, ref reader, $"at most {MostDimensions} integers from 0 to 2^63 - 1");
            values.Add(value);
        }

        return values;
    }

    private static void Expect(string path, string name, bool holds, ref Utf8JsonReader reader, string expected)
    {
        if (!holds)
        {
            throw new ModelFormatException(path, name, sizeof(ulong) + reader.TokenStartIndex, $"{expected} is expected");
        }
    }

    private static void CheckCoverage(string path, List<SafetensorsEntry> ordered, long dataLength)
    {
        long covered = 0;
        foreach (SafetensorsEntry entry in ordered)
        {
            if (entry.Begin != covered || entry.End < entry.Begin)
            {
                throw new ModelFormatException(
                    path,
                    entry.Name,
                    entry.HeaderOffset,
                    $"data_offsets [{entry.Begin}, {entry.End}] overlap or leave a hole; the data before ends at {covered}");
            }

            covered = entry.End;
        }

        if (covered != dataLength)
        {
            throw new ModelFormatException(
                path, "data", -1, $"the tensors take {covered} bytes; the file has {dataLength}: it is truncated or has trailing bytes");
        }
    }
}
