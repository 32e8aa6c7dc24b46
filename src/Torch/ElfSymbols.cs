using System.Buffers.Binary;
using System.Text;

namespace AdaptiveKv.Torch;

/// <summary>The dynamic symbols of a 64-bit little-endian ELF file and the versions that they need, changed in place (System V ABI; LSB, "Symbol Versioning").</summary>
internal sealed class ElfSymbols
{
    private const uint DynamicSymbols = 11;
    private const uint NeededVersions = 0x6FFFFFFE;
    private const uint SymbolVersions = 0x6FFFFFFF;
    private const int SymbolSize = 24;
    private const int SectionSize = 64;
    private const ushort VersionMask = 0x7FFF;

    private readonly byte[] bytes;
    private readonly Section symbols;
    private readonly Section strings;
    private readonly Section needed;
    private readonly Section versions;

    /// <param name="bytes">The file's.</param>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public ElfSymbols(byte[] bytes)
    {
        this.bytes = bytes;
        if (bytes.Length < SectionSize || !bytes.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8) || U16(0x3A) != SectionSize)
        {
            throw new InvalidDataException("no 64-bit ELF file");
        }

        Section[] sections = [.. Enumerable.Range(0, U16(0x3C)).Select(i => ReadSection(I64(0x28) + (i * SectionSize)))];
        symbols = sections.FirstOrDefault(section => section.Type == DynamicSymbols) ?? throw new InvalidDataException("no dynamic symbols");
        needed = sections.FirstOrDefault(section => section.Type == NeededVersions) ?? throw new InvalidDataException("no versions of symbols");
        versions = sections.FirstOrDefault(section => section.Type == SymbolVersions) ?? throw new InvalidDataException("no versions of symbols");
        strings = symbols.Link < sections.Length ? sections[symbols.Link] : throw new InvalidDataException("no names of symbols");
    }

    /// <summary>Number of symbols.</summary>
    public int Count => symbols.Size / SymbolSize;

    /// <summary>A symbol's name.</summary>
    public string NameOf(int symbol) => Text(NameAt(symbol));

    /// <summary>Index of the version that a symbol needs.</summary>
    public ushort VersionOf(int symbol) => (ushort)(U16(versions.Offset + (2 * symbol)) & VersionMask);

    /// <summary>Lets a symbol need another version.</summary>
    public void SetVersion(int symbol, ushort version) => Put(versions.Offset + (2 * symbol), version);

    /// <summary>Marks a needed version, so that the loader starts the program without it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="flag">Set in its flags.</param>
    /// <returns>Its index.</returns>
    /// <exception cref="InvalidDataException">No library is asked for it, or several are.</exception>
    public ushort WeakenVersion(string name, ushort flag)
    {
        int[] found =
        [
            .. from library in Chain(needed.Offset, needed.Info)
               from entry in Chain(library + I32(library + 8), U16(library + 2))
               where Text(I32(entry + 8)) == name
               select entry,
        ];
        if (found.Length != 1)
        {
            throw new InvalidDataException($"it asks {found.Length} libraries for {name}, and not one");
        }

        Put(found[0] + 4, (ushort)(U16(found[0] + 4) | flag));
        return U16(found[0] + 6);
    }

    /// <summary>Gives a symbol a shorter name in the place of its own.</summary>
    /// <exception cref="InvalidDataException">The name is longer, or others share the old one's characters.</exception>
    public void Rename(int symbol, string name)
    {
        int start = NameAt(symbol), length = NameOf(symbol).Length;
        bool isShared = Enumerable.Range(0, Count).Any(other => other != symbol && NameAt(other) >= start && NameAt(other) <= start + length);
        if (isShared || name.Length > length)
        {
            throw new InvalidDataException($"the name {NameOf(symbol)} is shared, or shorter than {name}");
        }

        Span<byte> place = bytes.AsSpan(strings.Offset + start, length);
        place.Clear();
        Encoding.ASCII.GetBytes(name, place);
    }

    private int NameAt(int symbol) => I32(symbols.Offset + (symbol * SymbolSize));

    private string Text(int at)
    {
        ReadOnlySpan<byte> rest = bytes.AsSpan(strings.Offset + at);
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    // Entries that name the distance to the next in their fourth word; 0 in the last.
    private IEnumerable<int> Chain(int start, int count)
    {
        for (int at = start, step = 1; count > 0 && step > 0; at += step, count--)
        {
            step = I32(at + 12);
            yield return at;
        }
    }

    private Section ReadSection(int at) => new(U32(at + 4), I64(at + 24), I64(at + 32), I32(at + 40), I32(at + 44));

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private int I32(int at) => checked((int)U32(at));

    private int I64(int at) => checked((int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)));

    private void Put(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), value);

    private sealed record Section(uint Type, int Offset, int Size, int Link, int Info);
}
