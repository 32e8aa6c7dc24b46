using System.Buffers.Binary;

namespace AdaptiveKv.Data;

/// <summary>The frame of every Parquet file: "PAR1", data, footer, the footer's length in four bytes, "PAR1".</summary>
internal static class ParquetFrame
{
    private const int TailLength = 8;
    private const int ShortestLength = 12;

    /// <summary>Checks that a file is there, is Parquet, and has both its ends.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is something else, or cut off.</exception>
    public static void Require(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(Directory.Exists(path) ? $"{path}: a folder: name a Parquet file in it" : $"{path}: no such file");
        }

        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        Span<byte> head = stackalloc byte[4];
        Span<byte> tail = stackalloc byte[TailLength];
        if (file.Length < ShortestLength)
        {
            throw new InvalidDataException($"{path}: {file.Length} bytes are no Parquet file: it needs {ShortestLength} or more");
        }

        file.ReadExactly(head);
        file.Seek(-TailLength, SeekOrigin.End);
        file.ReadExactly(tail);
        if (head.SequenceEqual("PARE"u8) || tail[4..].SequenceEqual("PARE"u8))
        {
            throw new InvalidDataException($"{path}: not supported: an encrypted Parquet file");
        }

        if (!head.SequenceEqual("PAR1"u8))
        {
            throw new InvalidDataException($"{path}: not a Parquet file: it starts with {Convert.ToHexString(head)} instead of 'PAR1'");
        }

        if (!tail[4..].SequenceEqual("PAR1"u8))
        {
            throw new InvalidDataException($"{path}: cut off: it ends with {Convert.ToHexString(tail[4..])} instead of 'PAR1': make the file again");
        }

        uint footer = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (footer > file.Length - ShortestLength)
        {
            throw new InvalidDataException($"{path}: its footer claims {footer} of {file.Length} bytes: make the file again");
        }
    }

    /// <summary>The footer of a file with both its ends.</summary>
    public static byte[] Footer(FileStream file)
    {
        Span<byte> tail = stackalloc byte[TailLength];
        file.Seek(-TailLength, SeekOrigin.End);
        file.ReadExactly(tail);
        byte[] footer = new byte[BinaryPrimitives.ReadUInt32LittleEndian(tail)];
        file.Seek(-TailLength - footer.Length, SeekOrigin.End);
        file.ReadExactly(footer);
        return footer;
    }
}
