using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>The tensor descriptions of a GGUF header, and the rules their extents obey.</summary>
internal static class GgufTensorTable
{
    /// <summary>Bytes of the shortest description: a name of one character, one dimension.</summary>
    public const int SmallestDescription = sizeof(ulong) + 1 + sizeof(uint) + sizeof(ulong) + sizeof(uint) + sizeof(ulong);

    private const int MostDimensions = 4;
    private const int NameBytes = 64;

    /// <summary>Reads the descriptions at the cursor and places them behind the header.</summary>
    public static List<GgufTensorInfo> Read(GgufCursor cursor, long fileLength, int count, int alignment)
    {
        List<GgufTensorInfo> infos = new(count);
        HashSet<string> names = new(count);
        for (int i = 0; i < count; i++)
        {
            GgufTensorInfo info = Description(cursor, alignment);
            if (!names.Add(info.Name))
            {
                throw cursor.Error(info.Name, info.HeaderOffset, "the tensor occurs twice");
            }

            infos.Add(info);
        }

        long data = ((long)cursor.Position + alignment - 1) / alignment * alignment;
        for (int i = 0; i < infos.Count; i++)
        {
            GgufTensorInfo info = infos[i];
            if (info.DataOffset > fileLength - data - info.Bytes)
            {
                throw cursor.Error(
                    info.Name,
                    info.HeaderOffset,
                    $"its {info.Bytes} bytes at byte {data} + {info.DataOffset} end past the file of {fileLength} bytes: it is truncated");
            }

            infos[i] = info with { DataOffset = data + info.DataOffset };
        }

        CheckOverlaps(cursor, infos);
        return infos;
    }

    /// <summary>One description; its <see cref="GgufTensorInfo.DataOffset"/> is still relative to the data section.</summary>
    private static GgufTensorInfo Description(GgufCursor cursor, int alignment)
    {
        int start = cursor.Position;
        string name = cursor.Name("tensor name", 1, NameBytes);
        (int columns, int rows) = Dimensions(cursor, name);
        int at = cursor.Position;
        uint id = cursor.UInt32(name);
        TensorType type = (TensorType)id;
        if (id > int.MaxValue || !WeightFormats.IsSupported(type))
        {
            throw cursor.Error(name, at, GgufTypeNames.Refusal(id));
        }

        int block = WeightFormats.BlockColumns(type);
        if (columns % block != 0)
        {
            throw cursor.Error(name, at, $"rows of {columns} columns; {type} stores blocks of {block}");
        }

        Int128 rowBytes = (Int128)(columns / block) * WeightFormats.RowBytes(type, block);
        if (rowBytes > int.MaxValue)
        {
            throw cursor.Error(name, start, $"a row has {rowBytes} bytes; at most {int.MaxValue} are supported");
        }

        at = cursor.Position;
        ulong offset = cursor.UInt64(name);
        if (offset % (ulong)alignment != 0)
        {
            throw cursor.Error(name, at, $"data offset {offset} is no multiple of the alignment {alignment}");
        }

        if (offset > long.MaxValue / 2)
        {
            throw cursor.Error(name, at, $"data offset {offset} is past the end of any file");
        }

        // Both factors are below 2^31: the product fits.
        return new GgufTensorInfo(name, type, rows, columns, start, (long)offset, (long)rowBytes * rows);
    }

    private static (int Columns, int Rows) Dimensions(GgufCursor cursor, string name)
    {
        int at = cursor.Position;
        uint dimensions = cursor.UInt32(name);
        if (dimensions is 0 or > MostDimensions)
        {
            throw cursor.Error(name, at, $"{dimensions} dimensions; 1 to {MostDimensions} are allowed");
        }

        int columns = 0;
        long rows = 1;
        for (int i = 0; i < dimensions; i++)
        {
            at = cursor.Position;
            ulong extent = cursor.UInt64(name);
            if (extent is 0 or > int.MaxValue)
            {
                throw cursor.Error(name, at, $"dimension {i} is {extent}; 1 to {int.MaxValue} is allowed");
            }

            columns = i == 0 ? (int)extent : columns;
            rows *= i == 0 ? 1 : (long)extent;
            if (rows > int.MaxValue)
            {
                throw cursor.Error(name, at, $"the dimensions make more than {int.MaxValue} rows");
            }
        }

        return (columns, (int)rows);
    }

    private static void CheckOverlaps(GgufCursor cursor, List<GgufTensorInfo> infos)
    {
        GgufTensorInfo[] ordered = [.. infos.OrderBy(info => info.DataOffset)];
        for (int i = 1; i < ordered.Length; i++)
        {
            (GgufTensorInfo before, GgufTensorInfo info) = (ordered[i - 1], ordered[i]);
            if (info.DataOffset < before.DataOffset + before.Bytes)
            {
                throw cursor.Error(info.Name, info.HeaderOffset, $"its data at byte {info.DataOffset} overlaps that of {before.Name}");
            }
        }
    }
}

/// <summary>
/// Names of the tensor types that GGUF defines and this program does not read, so that a refusal can say what a file holds.
/// </summary>
internal static class GgufTypeNames
{
    private static readonly Dictionary<uint, string> Unread = new()
    {
        [9] = "Q8_1", [10] = "Q2_K", [11] = "Q3_K", [15] = "Q8_K", [16] = "IQ2_XXS", [17] = "IQ2_XS", [18] = "IQ3_XXS", [19] = "IQ1_S",
        [20] = "IQ4_NL", [21] = "IQ3_S", [22] = "IQ2_S", [23] = "IQ4_XS", [24] = "I8", [25] = "I16", [26] = "I32", [27] = "I64",
        [28] = "F64", [29] = "IQ1_M", [34] = "TQ1_0", [35] = "TQ2_0", [39] = "MXFP4",
    };

    private static readonly HashSet<uint> Removed = [4, 5, 31, 32, 33, 36, 37, 38];

    /// <summary>Why a tensor of type <paramref name="id"/> is refused, and what to do.</summary>
    public static string Refusal(uint id) =>
        Removed.Contains(id) ? $"tensor type {id} was removed from GGUF; convert the model again with a current converter"
        : Unread.TryGetValue(id, out string? name) ?
            $"tensor type {name} cannot be read; use one of {string.Join(", ", Enum.GetNames<TensorType>())}"
        : $"tensor type {id} is unknown";
}
