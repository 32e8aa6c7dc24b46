using System.Runtime.InteropServices;

namespace AdaptiveKv.Files;

/// <summary>What the file system says of what lies under a path, links followed.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">Who may do what with it; none on Windows.</param>
/// <param name="Device">The file system that it lies in; 0 where no number can be had.</param>
/// <param name="Inode">Its number there, which all of its names share and a file that replaces it does not get; 0 where none can be had.</param>
public readonly partial record struct FileStatus(PathKind Kind, UnixFileMode Mode, ulong Device, ulong Inode)
{
    // struct statx is the same on every Linux, unlike struct stat.
    private const int StatxSize = 256;
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const int DeviceOffset = 136;
    private const int CurrentFolder = -100;
    private const uint BasicMask = 0x7FF;
    private const int NoEntry = 2;
    private const int NoAccess = 13;
    private const int NotAFolder = 20;
    private const int TooManyLinks = 40;

    /// <summary>The status of a path; null if nothing is there.</summary>
    /// <exception cref="UnauthorizedAccessException">A folder on the way to it may not be looked into.</exception>
    /// <exception cref="IOException">The path is none that the file system could have.</exception>
    public static FileStatus? Of(string path)
    {
        string full = Path.GetFullPath(path);
        if (!OperatingSystem.IsLinux())
        {
            return Directory.Exists(full) ? new FileStatus(PathKind.Folder, default, 0, 0)
                : full.StartsWith("/dev/", StringComparison.Ordinal) ? new FileStatus(PathKind.Device, default, 0, 0)
                : File.Exists(full) ? new FileStatus(PathKind.Regular, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(full), 0, 0)
                : null;
        }

        Span<byte> status = stackalloc byte[StatxSize];
        if (Statx(CurrentFolder, full, 0, BasicMask, ref MemoryMarshal.GetReference(status)) == 0)
        {
            ushort mode = MemoryMarshal.Read<ushort>(status[ModeOffset..]);
            return new FileStatus(
                KindOf(mode),
                (UnixFileMode)(mode & 0xFFF),
                MemoryMarshal.Read<ulong>(status[DeviceOffset..]),
                MemoryMarshal.Read<ulong>(status[InodeOffset..]));
        }

        int error = Marshal.GetLastPInvokeError();
        string problem = $"{path}: {Marshal.GetPInvokeErrorMessage(error)}";
        return error is NoEntry or NotAFolder or TooManyLinks ? null
            : throw (error == NoAccess ? new UnauthorizedAccessException(problem) : new IOException(problem, error));
    }

    /// <summary>Whether two paths lead to one file, there or yet to be made: by links, by hard links, or by another spelling.</summary>
    public static bool AreOne(string first, string second) =>
        string.Equals(RealPath.Of(first), RealPath.Of(second), OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase)
        || (Of(first) is { Inode: not 0 } one && Of(second) is { } other && (one.Device, one.Inode) == (other.Device, other.Inode));

    /// <summary>The noun of what lies under a path and can be read once only, or has no end; null if it is a file or a folder, or nothing is there.</summary>
    public static string? Passing(string path)
    {
        try
        {
            return Of(path)?.Kind switch
            {
                PathKind.Pipe => "a pipe",
                PathKind.Device => "a device",
                PathKind.Socket => "a socket",
                _ => null,
            };
        }
        catch (IOException)
        {
            // A path that no file can have: who opens it says so.
            return null;
        }
    }

    /// <summary>Refuses what cannot be read here and there and more than once.</summary>
    /// <exception cref="ArgumentException">A pipe, a device or a socket lies under the path.</exception>
    public static void RequireFile(string path)
    {
        if (Passing(path) is { } noun)
        {
            throw new ArgumentException($"{path}: cannot be read from {noun}, as its parts are read out of order: save it to a file first");
        }
    }

    private static PathKind KindOf(ushort mode) => (mode >> 12) switch
    {
        0x4 => PathKind.Folder,
        0x1 => PathKind.Pipe,
        0x2 or 0x6 => PathKind.Device,
        0xC => PathKind.Socket,
        _ => PathKind.Regular,
    };

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte status);
}
