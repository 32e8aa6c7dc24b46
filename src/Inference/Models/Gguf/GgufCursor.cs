using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>
/// Walks through a GGUF header from front to back. Every length is compared with the bytes that are left before anything is allocated or
/// skipped, so that memory and time are bounded by the size of the file and by <see cref="Budget"/>.
/// </summary>
internal sealed class GgufCursor(ModelFile file)
{
    /// <summary>Bytes a header may have: 30 times the largest vocabulary in use.</summary>
    public const int Budget = 256 << 20;

    private const int FirstWindow = 1 << 16;

    private byte[] window = [];
    private int loaded;

    /// <summary>Byte offset of the next field.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes after <see cref="Position"/> that a header may still use.</summary>
    public long Left => Math.Min(file.Length, Budget) - Position;

    /// <summary>The bytes read so far; grows, never changes.</summary>
    public byte[] Bytes => window;

    public ModelFormatException Error(string field, long offset, string problem) => new(file.Path, field, offset, problem);

    public uint UInt32(string field) => BinaryPrimitives.ReadUInt32LittleEndian(Take(field, sizeof(uint)));

    public ulong UInt64(string field) => BinaryPrimitives.ReadUInt64LittleEndian(Take(field, sizeof(ulong)));

    /// <summary>
    /// A count whose items take at least <paramref name="itemBytes"/> bytes each, so that it can be compared with the bytes left.
    /// </summary>
    public int Count(string field, int itemBytes)
    {
        int at = Position;
        ulong count = UInt64(field);
        if (count > (ulong)(Left / itemBytes))
        {
            throw Error(field, at, $"{count} items of at least {itemBytes} bytes do not fit into the {Left} bytes {Rest()}");
        }

        return (int)count;
    }

    /// <summary>A string of <paramref name="least"/> to <paramref name="most"/> bytes: valid UTF-8 without NUL.</summary>
    public string Name(string field, int least, int most)
    {
        int at = Position;
        int length = Count(field, 1);
        if (length < least || length > most)
        {
            throw Error(field, at, $"has {length} bytes; {least} to {most} are allowed");
        }

        ReadOnlySpan<byte> bytes = Take(field, length);
        if (bytes.Contains((byte)0))
        {
            throw Error(field, at, "holds a NUL character");
        }

        if (!Utf8.IsValid(bytes))
        {
            throw Error(field, at, "is not valid UTF-8");
        }

        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The next <paramref name="count"/> bytes.</summary>
    public ReadOnlySpan<byte> Take(string field, long count)
    {
        if (count > Left)
        {
            throw Error(field, Position, $"needs {count} bytes; {Left} are {Rest()}");
        }

        int end = Position + (int)count;
        Load(field, end);
        ReadOnlySpan<byte> taken = window.AsSpan(Position, (int)count);
        Position = end;
        return taken;
    }

    private string Rest() =>
        file.Length > Budget ? $"left of the {Budget} a header may have" : "left in the file; it is truncated or a length in it is wrong";

    private void Load(string field, int end)
    {
        if (end <= loaded)
        {
            return;
        }

        long capacity = Math.Max(FirstWindow, window.Length);
        while (capacity < end)
        {
            capacity *= 2;
        }

        int size = (int)Math.Min(capacity, Math.Min(file.Length, Budget));
        Array.Resize(ref window, size);
        file.Read(field, loaded, window.AsSpan(loaded));
        loaded = size;
    }
}
