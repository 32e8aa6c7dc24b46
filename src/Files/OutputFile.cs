using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AdaptiveKv.Files;

/// <summary>
/// The one way to write a file. It appears under its name whole or not at all: it is written under a private name in the same folder,
/// flushed to the disk and renamed. Links are followed and stay, the bits that say who may do what with a file are kept, and devices and pipes are
/// written through. Without <see cref="Complete"/> nothing is left behind.
/// </summary>
/// <example><code>
/// using OutputFile file = new("rows.csv");
/// file.Content.Write(bytes);
/// file.Complete();
/// </code></example>
public sealed partial class OutputFile : IDisposable
{
    private const int BufferBytes = 1 << 16;
    private const int EndOfFile = 2;
    private const UnixFileMode Permissions = (UnixFileMode)0x1FF;

    private static int created;

    private readonly string path;
    private readonly string target;
    private readonly string? temporary;
    private readonly FileStream content;
    private bool isComplete;

    /// <summary>Starts a file.</summary>
    /// <param name="path">Where it will be; a file that is there is replaced at the end. A private name (<see cref="DurableFile.TemporaryOf"/>) is its own private name.</param>
    /// <exception cref="ArgumentException">It is a folder or a socket.</exception>
    /// <exception cref="DirectoryNotFoundException">Its folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">The file that is there, or its folder, may not be written.</exception>
    /// <exception cref="IOException">Its links lead in a circle, or the disk is full or failed.</exception>
    public OutputFile(string path)
        : this(path, DurableFile.IsTemporary(Path.GetFileName(path)) ? new OutputTarget(Path.GetFullPath(path), true, null) : OutputTarget.Of(path))
    {
    }

    private OutputFile(string path, OutputTarget output)
    {
        this.path = path;
        target = output.Path;
        if (!output.IsReplaced)
        {
            content = OpenThrough(target);
            return;
        }

        (temporary, content) = DurableFile.IsTemporary(Path.GetFileName(target)) ? (target, Renew(target)) : CreateBeside(path, output);
    }

    /// <summary>What it will hold.</summary>
    public Stream Content => content;

    /// <summary>Refuses a path that <see cref="OutputFile(string)"/> would refuse, before any work is done for it, and gives it back.</summary>
    /// <inheritdoc cref="OutputFile(string)"/>
    public static string Require(string path)
    {
        OutputTarget output = OutputTarget.Of(path);
        if (output.IsReplaced)
        {
            new OutputFile(path, output).Dispose();
        }

        return path;
    }

    /// <summary>Whether what is written to a path can be read back from it: not from a device or a pipe.</summary>
    public static bool IsKept(string path) => OutputTarget.Of(path).IsReplaced;

    /// <summary>Writes a file.</summary>
    /// <inheritdoc cref="OutputFile(string)"/>
    public static void Write(string path, Action<Stream> content)
    {
        using OutputFile file = new(path);
        try
        {
            content(file.Content);
        }
        catch (IOException exception) when (file.Names(exception))
        {
            throw file.Named(exception);
        }

        file.Complete();
    }

    /// <summary>Writes bytes.</summary>
    /// <inheritdoc cref="OutputFile(string)"/>
    public static void Write(string path, byte[] content) => Write(path, stream => stream.Write(content));

    /// <summary>Writes a text in UTF-8.</summary>
    /// <inheritdoc cref="OutputFile(string)"/>
    public static void Write(string path, string content) => Write(path, Encoding.UTF8.GetBytes(content));

    /// <summary>Makes the content durable and gives it its name, in place of a file that has it.</summary>
    /// <exception cref="IOException">The disk is full or failed; what was there is as it was.</exception>
    public void Complete()
    {
        try
        {
            content.Flush(flushToDisk: temporary is not null);
            content.Dispose();
            if (temporary is null)
            {
                GoToEndOf(target);
            }
            else if (temporary != target)
            {
                DurableFile.Rename(temporary, target);
            }
        }
        catch (IOException exception) when (Names(exception))
        {
            throw Named(exception);
        }

        isComplete = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            content.Dispose();
        }
        catch (IOException) when (!isComplete)
        {
            // What made the content incomplete was thrown already; closing a file on a full disk fails once more.
        }
        finally
        {
            if (temporary is not null)
            {
                UnfinishedFiles.Remove(temporary);
                if (!isComplete)
                {
                    File.Delete(temporary);
                }
            }
        }
    }

    private static FileStream Renew(string temporary)
    {
        // Removes a link, and not what it leads to.
        File.Delete(temporary);
        return Create(temporary, mode: null);
    }

    private static FileStream OpenThrough(string target)
    {
        // A descriptor is written where it stands: opened anew by its path, a log that is appended to would be written over from its start.
        const FileShare Anybody = FileShare.ReadWrite | FileShare.Delete;
        return RealPath.DescriptorOf(target) is { } descriptor
            ? new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, BufferBytes)
            : new FileStream(target, FileMode.Open, FileAccess.Write, Anybody, BufferBytes);
    }

    private static (string Temporary, FileStream Content) CreateBeside(string path, OutputTarget output)
    {
        string folder = Path.GetDirectoryName(output.Path)!;
        try
        {
            // Short, so that it fits where the file's own name does.
            string temporary;
            do
            {
                temporary = Path.Combine(folder, $".akv.{Environment.ProcessId}.{Interlocked.Increment(ref created)}.tmp");
            }
            while (new FileInfo(temporary) is { Exists: true } or { LinkTarget: not null });
            return (temporary, Create(temporary, output.Mode));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new UnauthorizedAccessException($"{path}: no file can be made in {folder}: permission denied", exception);
        }
        catch (IOException exception)
        {
            throw new IOException($"{path}: no file can be made in {folder}: {exception.Message}", exception) { HResult = exception.HResult };
        }
    }

    private static FileStream Create(string temporary, UnixFileMode? mode)
    {
        FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, BufferBytes);
        UnfinishedFiles.Add(temporary);
        if (mode is { } kept && !OperatingSystem.IsWindows())
        {
            Keep(kept, stream.SafeFileHandle);
        }

        return stream;
    }

    [UnsupportedOSPlatform("windows")]
    private static void Keep(UnixFileMode mode, SafeFileHandle file)
    {
        try
        {
            File.SetUnixFileMode(file, mode & Permissions);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // File systems without such bits (FAT) have none to keep.
            return;
        }
    }

    // The next writer of the same open file, this program's standard output for one, goes on where this one ended.
    private static void GoToEndOf(string target)
    {
        if (RealPath.DescriptorOf(target) is { } descriptor)
        {
            _ = Seek(descriptor, 0, EndOfFile);
        }
    }

    private bool Names(IOException exception) => temporary is not null && exception.Message.Contains(temporary, StringComparison.Ordinal);

    private IOException Named(IOException exception) =>
        new(exception.Message.Replace(temporary!, path, StringComparison.Ordinal), exception) { HResult = exception.HResult };

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(int file, long offset, int origin);
}
