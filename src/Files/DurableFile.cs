using Microsoft.Win32.SafeHandles;

namespace AdaptiveKv.Files;

/// <summary>Files that appear under their names whole or not at all, and the private names under which they are written where a lock guards the folder.</summary>
public static class DurableFile
{
    private const string TemporaryPrefix = ".tmp.";

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
}
