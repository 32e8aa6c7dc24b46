using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>Parses the header of a GGUF file, version 2 or 3, little endian (gguf.md in the ggml repository).</summary>
internal static class GgufReader
{
    private const int KeyBytes = 65535;
    private const int DeepestArray = 8;
    private const int SmallestEntry = sizeof(ulong) + 1 + sizeof(uint) + 1;
    private const string AlignmentKey = "general.alignment";
    private const int DefaultAlignment = 32;
    private const int LargestAlignment = 1 << 16;

    /// <exception cref="ModelFormatException">The header is malformed.</exception>
    public static GgufHeader Read(ModelFile file)
    {
        GgufCursor cursor = new(file);
        if (!cursor.Take("magic", 4).SequenceEqual("GGUF"u8))
        {
            throw cursor.Error("magic", 0, "not a GGUF file");
        }

        int version = Version(cursor);
        int tensors = cursor.Count("tensor count", GgufTensorTable.SmallestDescription);
        int pairs = cursor.Count("metadata count", SmallestEntry);
        Dictionary<string, GgufEntry> entries = new(pairs);
        for (int i = 0; i < pairs; i++)
        {
            GgufEntry entry = Entry(cursor);
            if (!entries.TryAdd(entry.Key, entry))
            {
                throw cursor.Error(entry.Key, entry.Start, $"the key occurs twice, first at byte {entries[entry.Key].Start}");
            }
        }

        int alignment = Alignment(cursor, entries);
        IReadOnlyList<GgufTensorInfo> infos = GgufTensorTable.Read(cursor, file.Length, tensors, alignment);
        return new GgufHeader(version, new GgufMetadata(file.Path, cursor.Bytes, entries), infos);
    }

    private static int Version(GgufCursor cursor)
    {
        uint version = cursor.UInt32("version");
        return version switch
        {
            2 or 3 => (int)version,
            1 => throw cursor.Error("version", 4, "GGUF version 1 is no longer in use; convert the model again with a current converter"),
            _ when version != 0 && (version & 0xFFFF) == 0 =>
                throw cursor.Error("version", 4, "a big-endian GGUF file; only little-endian files can be read"),
            _ => throw cursor.Error("version", 4, $"GGUF version {version}; versions 2 and 3 can be read"),
        };
    }

    private static GgufEntry Entry(GgufCursor cursor)
    {
        int start = cursor.Position;
        string key = cursor.Name("metadata key", 1, KeyBytes);
        GgufValueType type = ValueType(cursor, key);
        if (type != GgufValueType.Array)
        {
            int value = cursor.Position;
            SkipValues(cursor, key, type, 1);
            return new GgufEntry(key, type, type, 1, start, value, cursor.Position);
        }

        (GgufValueType elementType, int count) = ArrayHead(cursor, key);
        int first = cursor.Position;
        SkipElements(cursor, key, elementType, count, depth: 1);
        return new GgufEntry(key, type, elementType, count, start, first, cursor.Position);
    }

    private static GgufValueType ValueType(GgufCursor cursor, string key)
    {
        int at = cursor.Position;
        GgufValueType type = (GgufValueType)cursor.UInt32(key);
        return type <= GgufValueType.Float64 ? type : throw cursor.Error(key, at, $"value type {(uint)type}; the types are 0 to 12");
    }

    private static (GgufValueType ElementType, int Count) ArrayHead(GgufCursor cursor, string key)
    {
        GgufValueType elementType = ValueType(cursor, key);
        return (elementType, cursor.Count(key, ElementBytes(elementType)));
    }

    private static void SkipElements(GgufCursor cursor, string key, GgufValueType elementType, int count, int depth)
    {
        if (elementType != GgufValueType.Array)
        {
            SkipValues(cursor, key, elementType, count);
            return;
        }

        // A stack overflow cannot be caught: the nesting is limited before the recursion.
        if (depth == DeepestArray)
        {
            throw cursor.Error(key, cursor.Position, $"arrays are nested deeper than {DeepestArray}");
        }

        for (int i = 0; i < count; i++)
        {
            (GgufValueType inner, int innerCount) = ArrayHead(cursor, key);
            SkipElements(cursor, key, inner, innerCount, depth + 1);
        }
    }

    private static void SkipValues(GgufCursor cursor, string key, GgufValueType type, int count)
    {
        int at = cursor.Position;
        if (type == GgufValueType.String)
        {
            for (int i = 0; i < count; i++)
            {
                cursor.Take(key, cursor.Count(key, 1));
            }

            return;
        }

        ReadOnlySpan<byte> values = cursor.Take(key, (long)count * ElementBytes(type));
        if (type == GgufValueType.Bool && values.IndexOfAnyExcept((byte)0, (byte)1) is int wrong and >= 0)
        {
            throw cursor.Error(key, at + wrong, $"a bool is {values[wrong]}; 0 or 1 is expected");
        }
    }

    /// <summary>Bytes of an element; for strings and arrays the least they can have.</summary>
    private static int ElementBytes(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.Array => sizeof(uint) + sizeof(ulong),
        _ => 8,
    };

    private static int Alignment(GgufCursor cursor, Dictionary<string, GgufEntry> entries)
    {
        if (!entries.TryGetValue(AlignmentKey, out GgufEntry? entry))
        {
            return DefaultAlignment;
        }

        if (entry.Type != GgufValueType.UInt32)
        {
            throw cursor.Error(AlignmentKey, entry.ValueStart, $"is {entry.TypeName}; {GgufValueType.UInt32} is expected");
        }

        uint alignment = BitConverter.ToUInt32(cursor.Bytes, entry.ValueStart);
        return uint.IsPow2(alignment) && alignment <= LargestAlignment
            ? (int)alignment
            : throw cursor.Error(AlignmentKey, entry.ValueStart, $"is {alignment}; a power of two up to {LargestAlignment} is expected");
    }
}
