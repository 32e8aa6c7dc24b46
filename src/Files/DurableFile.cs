using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AdaptiveKv.Files;

/// <summary>Files that appear under their names whole or not at all, and the private names under which they are written where a lock guards the folder.</summary>
public static partial class DurableFile
{
    private const string TemporaryPrefix = ".tmp.";
    private const int ExistsOnUnix = 17;
    private const int ExistsOnWindows = 183;

    /// <summary>The private name, in the same folder, under which a file is written. Whoever holds the folder's lock owns it.</summary>
    public static string TemporaryOf(string path) => Path.Combine(Path.GetDirectoryName(path)!, TemporaryPrefix + Path.GetFileName(path));

    /// <summary>Whether a file name is a private one.</summary>
    public static bool IsTemporary(string name) => name.StartsWith(TemporaryPrefix, StringComparison.Ordinal);

    /// <summary>Gives a small file new content. The caller holds the folder's lock.</summary>
    /// <exception cref="IOException">The disk is full or failed; the old content is still there.</exception>
    public static void Replace(string path, byte[] content)
    {
        string temporary = TemporaryOf(path);
        OutputFile.Write(temporary, content);
        try
        {
            Rename(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Makes a written file's content durable.</summary>
    public static void Flush(string path)
    {
        // Windows flushes for writers only; elsewhere a file that may not be written to is flushed as well.
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read, FileShare.Read);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Gives a file its name, in place of a file that has it, and makes that durable.</summary>
    public static void Rename(string temporary, string path)
    {
        File.Move(temporary, path, overwrite: true);
        // Two names of one file, which hard links are, are left as they are.
        File.Delete(temporary);
        DurableFolder.Flush(Path.GetDirectoryName(path)!);
    }

    /// <summary>Gives a file a second name, unless that one is taken, and makes it durable: of processes on any machines that try at once, one does it.</summary>
    /// <returns>Whether this one did.</returns>
    /// <exception cref="IOException">The file system has no hard links, is full or failed.</exception>
    public static bool TryLink(string file, string name)
    {
        bool made = OperatingSystem.IsWindows() ? LinkOnWindows(name, file, 0) : LinkOnUnix(file, name) == 0;
        int error = Marshal.GetLastPInvokeError();
        if (!made && error is not (ExistsOnUnix or ExistsOnWindows))
        {
            throw new IOException($"{name}: no second name for {file}: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }

        DurableFolder.Flush(Path.GetDirectoryName(name)!);
        return made;
    }

    /// <summary>Removes what a killed process left under private names.</summary>
    public static void RemoveTemporaries(string folder)
    {
        if (Directory.Exists(folder))
        {
            foreach (string leftover in Directory.EnumerateFiles(folder, TemporaryPrefix + "*"))
            {
                File.Delete(leftover);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkOnUnix(string file, string name);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool LinkOnWindows(string name, string file, nint security);
}
