using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace AdaptiveKv.Files;

/// <summary>
/// A file of a model, read by position into own memory. Nothing is mapped: a file that is cut or replaced while it is open gives a
/// typed error, where a mapping would end the process.
/// </summary>
public sealed class ModelFile : IDisposable
{
    private const int CopyBytes = 1 << 20;

    private readonly SafeFileHandle handle;

    private ModelFile(string path, SafeFileHandle handle)
    {
        Path = path;
        this.handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Bytes in the file when it was opened.</summary>
    public long Length { get; }

    /// <summary>Opens a file for reading; it stays the same file when another one takes its name.</summary>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    /// <exception cref="ArgumentException">It is a pipe or a device.</exception>
    public static ModelFile Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file; a model is a .gguf file or a Hugging Face folder", path);
        }

        FileStatus.RequireFile(path);
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            return new ModelFile(path, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/> on.</summary>
    /// <param name="field">What is read, for the error.</param>
    /// <param name="offset">Byte offset in the file.</param>
    /// <param name="destination">Filled completely.</param>
    /// <exception cref="ModelFormatException">The file ends earlier.</exception>
    public void Read(string field, long offset, Span<byte> destination)
    {
        for (int done = 0; done < destination.Length;)
        {
            int read = RandomAccess.Read(handle, destination[done..], offset + done);
            if (read == 0)
            {
                throw new ModelFormatException(
                    Path, field, offset + done, "the file ends here; it is truncated, or was cut after it was opened");
            }

            done += read;
        }
    }

    /// <summary>The whole file, of at most <paramref name="limit"/> bytes.</summary>
    public byte[] ReadAll(int limit)
    {
        if (Length > limit)
        {
            throw new ModelFormatException(Path, "size", -1, $"{Length} bytes; at most {limit} are read from a file of this kind");
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)Length);
        Read("content", 0, bytes);
        return bytes;
    }

    /// <summary>Adds the whole file to <paramref name="hash"/>.</summary>
    public void AppendTo(IncrementalHash hash)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(Length, CopyBytes));
        for (long offset = 0; offset < Length;)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, Length - offset));
            Read("content", offset, part);
            hash.AppendData(part);
            offset += part.Length;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
