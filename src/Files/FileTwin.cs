using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace AdaptiveKv.Files;

/// <summary>A second file with the content of a first one, at the cost of as few bytes on the disk as its file system allows.</summary>
public static partial class FileTwin
{
    // FICLONE of linux/fs.h; the runtime's own copies are clones on macOS and on Windows' ReFS.
    private const nuint Clone = 0x4004_9409;
    private const UnixFileMode Writable = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>
    /// Makes one: a clone that goes its own way (Btrfs, XFS, APFS, ReFS); else, on Linux, a hard link, and then neither name may be written to any more, as an
    /// edit in place would change both; else a copy. The content is durable afterwards, the name when its folder is flushed.
    /// </summary>
    /// <param name="source">A file whose content is durable.</param>
    /// <param name="target">Must not be there.</param>
    /// <exception cref="IOException">The source is missing, or the disk is full or failed.</exception>
    public static void Make(string source, string target)
    {
        if (OperatingSystem.IsLinux() && (TryClone(source, target) || TryLink(source, target)))
        {
            return;
        }

        File.Copy(source, target);
        DurableFile.Flush(target);
    }

    private static bool TryClone(string source, string target)
    {
        using SafeFileHandle from = File.OpenHandle(source);
        using SafeFileHandle to = File.OpenHandle(target, FileMode.CreateNew, FileAccess.Write);
        if (Control(to, Clone, from) == 0)
        {
            RandomAccess.FlushToDisk(to);
            return true;
        }

        File.Delete(target);
        return false;
    }

    [UnsupportedOSPlatform("windows")]
    private static bool TryLink(string source, string target)
    {
        if (Link(source, target) != 0)
        {
            return false;
        }

        try
        {
            File.SetUnixFileMode(target, File.GetUnixFileMode(target) & ~Writable);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's file: who owns it could change both.
            File.Delete(target);
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, SafeFileHandle other);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string source, string target);
}
