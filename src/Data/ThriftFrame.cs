namespace AdaptiveKv.Data;

/// <summary>
/// The form of what Parquet writes by Thrift's compact protocol (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md): whether every length and
/// count is within the bytes that are there, and nothing nests without end. Parquet.Net believes both, and would read for ever or overflow its stack.
/// </summary>
internal ref struct ThriftFrame
{
    private const int DeepestNesting = 32;
    private const int LongCount = 15;

    private readonly ReadOnlySpan<byte> content;
    private int position;

    private ThriftFrame(ReadOnlySpan<byte> content) => this.content = content;

    private enum Kind
    {
        True = 1,
        False = 2,
        Byte = 3,
        Int16 = 4,
        Int32 = 5,
        Int64 = 6,
        Double = 7,
        Binary = 8,
        List = 9,
        Set = 10,
        Map = 11,
        Struct = 12,
    }

    /// <summary>Refuses what is no structure.</summary>
    /// <exception cref="InvalidDataException">It is cut off, or nests too deeply.</exception>
    public static void Require(ReadOnlySpan<byte> content) => new ThriftFrame(content).SkipStruct(0);

    private void SkipStruct(int depth)
    {
        if (depth > DeepestNesting)
        {
            throw new InvalidDataException($"its footer nests more than {DeepestNesting} deep");
        }

        for (byte header = Next(); header != 0; header = Next())
        {
            // The field's number, where it is not told by its distance from the one before.
            if (header >> 4 == 0)
            {
                Varint();
            }

            if ((Kind)(header & 0xF) is not (Kind.True or Kind.False) and var kind)
            {
                Skip(kind, depth);
            }
        }
    }

    private void Skip(Kind kind, int depth)
    {
        switch (kind)
        {
            case Kind.True or Kind.False or Kind.Byte:
                Skip(1);
                break;
            case Kind.Int16 or Kind.Int32 or Kind.Int64:
                Varint();
                break;
            case Kind.Double:
                Skip(sizeof(double));
                break;
            case Kind.Binary:
                Skip(Varint());
                break;
            case Kind.List or Kind.Set:
                byte header = Next();
                SkipAll(header >> 4 == LongCount ? Varint() : (ulong)(header >> 4), [(Kind)(header & 0xF)], depth + 1);
                break;
            case Kind.Map:
                ulong pairs = Varint();
                byte kinds = pairs == 0 ? (byte)0 : Next();
                SkipAll(pairs, [(Kind)(kinds >> 4), (Kind)(kinds & 0xF)], depth + 1);
                break;
            case Kind.Struct:
                SkipStruct(depth + 1);
                break;
            default:
                throw new InvalidDataException($"its footer has a field of type {(int)kind}, which there is not");
        }
    }

    // Each has a byte at least, so that no count goes beyond the content.
    private void SkipAll(ulong count, scoped ReadOnlySpan<Kind> kinds, int depth)
    {
        if (depth > DeepestNesting || count > (ulong)(content.Length - position))
        {
            throw new InvalidDataException("its footer counts more than it holds, or nests without end");
        }

        for (ulong i = 0; i < count; i++)
        {
            foreach (Kind kind in kinds)
            {
                Skip(kind, depth);
            }
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Next();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("its footer has a number of more than 64 bits");
    }

    private byte Next()
    {
        Skip(1);
        return content[position - 1];
    }

    private void Skip(ulong bytes) => position = bytes <= (ulong)(content.Length - position) ? position + (int)bytes : throw new InvalidDataException("its footer is cut off");
}
