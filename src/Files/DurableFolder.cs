using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AdaptiveKv.Files;

/// <summary>Makes what changed in a folder (files created, renamed, removed) survive a power failure.</summary>
public static partial class DurableFolder
{
    private const int NoAccess = 13;
    private const int InvalidArgument = 22;

    /// <summary>Creates a folder and its parents where they are missing, and makes them durable.</summary>
    public static void Create(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        string? parent = Path.GetDirectoryName(path);
        if (parent is not null)
        {
            Create(parent);
        }

        Directory.CreateDirectory(path);
        if (parent is not null)
        {
            Flush(parent);
        }
    }

    /// <summary>fsync of the folder. Windows has no such call: its file system journals names on its own.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // .NET opens no folders. Another thread may start a process meanwhile: it must not inherit the handle.
        using SafeFileHandle folder = Open(path, OperatingSystem.IsMacOS() ? 0x0100_0000 : 0x0008_0000);
        if (folder.IsInvalid)
        {
            // Whoever may write to a folder and not look into it cannot ask for this.
            if (Marshal.GetLastPInvokeError() == NoAccess)
            {
                return;
            }

            throw Failure("open", path);
        }

        // Some file systems answer EINVAL: they cannot flush a folder, and there is nothing more to ask of them.
        if (Synchronize(folder) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
        {
            throw Failure("flush", path);
        }
    }

    private static IOException Failure(string verb, string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"cannot {verb} the folder {path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(SafeFileHandle file);
}
