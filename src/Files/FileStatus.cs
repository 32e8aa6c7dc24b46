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

    /// <summary>Whether two paths were found to lead to one file, by whatever names.</summary>
    public bool IsSameAs(FileStatus other) => Inode != 0 && (Device, Inode) == (other.Device, other.Inode);

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
