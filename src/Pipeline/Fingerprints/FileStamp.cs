using System.Runtime.InteropServices;

namespace AdaptiveKv.Pipeline.Fingerprints;

/// <summary>What the file system says of a file: while it stays the same, so does the content, as far as one can tell without reading.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="Modified">The time of its last change, in ticks of UTC.</param>
/// <param name="Inode">Its number in its file system, which a replaced file does not keep; 0 where none can be had.</param>
internal readonly partial record struct FileStamp(long Bytes, long Modified, ulong Inode)
{
    // struct statx is the same on every Linux, unlike struct stat: 256 bytes, the inode at 32.
    private const int StatxSize = 256;
    private const int InodeOffset = 32;
    private const int CurrentFolder = -100;
    private const uint InodeMask = 0x100;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static FileStamp Of(string path)
    {
        FileInfo file = new(path);
        return new FileStamp(file.Length, file.LastWriteTimeUtc.Ticks, OperatingSystem.IsLinux() ? InodeOf(path) : 0);
    }

    private static ulong InodeOf(string path)
    {
        Span<byte> status = stackalloc byte[StatxSize];
        int result = Statx(CurrentFolder, path, 0, InodeMask, ref MemoryMarshal.GetReference(status));
        return result == 0 ? MemoryMarshal.Read<ulong>(status[InodeOffset..]) : 0;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte status);
}
