using System.Security.Cryptography;
using System.Text.Json;
using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Fingerprints;

/// <summary>Hashes of files and folders, remembered while the files' stamps stay the same. What is remembered carries a hash of its own.</summary>
internal sealed class FileHashes
{
    /// <summary>The file that keeps the hashes.</summary>
    public const string FileName = ".hashes.json";

    // A file that changes twice within one tick of the file system's clock keeps its stamp: such a young one is not remembered.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private readonly string path;
    private readonly TimeProvider time;
    private readonly SortedDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private bool changed;

    /// <param name="folder">Where the hashes are kept; it need not exist.</param>
    /// <param name="time">The clock that files' ages are taken by.</param>
    /// <param name="trust">Whether to use what was remembered; otherwise every file is read again.</param>
    /// <param name="note">Hears that what was remembered is damaged.</param>
    public FileHashes(string folder, TimeProvider time, bool trust = true, Action<string>? note = null)
    {
        path = Path.Combine(folder, FileName);
        this.time = time;
        if (trust && !TryLoad())
        {
            note?.Invoke($"{path}: the hashes remembered there are damaged: they are found out again");
            changed = true;
        }
    }

    /// <summary>
    /// The hash of a file; of a folder, and of a file that is a part of a split one, a hash over the files' relative paths and hashes; null if there
    /// is neither.
    /// </summary>
    /// <param name="file">Its path.</param>
    /// <param name="fresh">Whether every byte is read, whatever is remembered.</param>
    public string? Of(string file, bool fresh = false)
    {
        if (File.Exists(file))
        {
            IReadOnlyList<string> parts = SplitFile.Parts(file);
            return parts.Count == 1 ? OfFile(file, fresh) : OfAll(Path.GetDirectoryName(file)!, parts, fresh);
        }

        return Directory.Exists(file) ? OfAll(file, Directory.EnumerateFiles(file, "*", SearchOption.AllDirectories), fresh) : null;
    }

    /// <summary>Keeps what was found out for the next process. What cannot be kept is found out again.</summary>
    public void Save()
    {
        string folder = Path.GetDirectoryName(path)!;
        if (!changed || !Directory.Exists(folder))
        {
            return;
        }

        try
        {
            using FileLock held = FileLock.Acquire(folder, "the pipeline", patience: TimeSpan.Zero);
            DurableFile.Replace(path, ToBytes());
            changed = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }

    private string OfAll(string folder, IEnumerable<string> files, bool fresh)
    {
        IEnumerable<string> lines = files
            .Select(inner => (Name: Path.GetRelativePath(folder, inner).Replace('\\', '/'), Path: inner))
            .OrderBy(inner => inner.Name, StringComparer.Ordinal)
            .Select(inner => $"{OfFile(inner.Path, fresh)}  {inner.Name}\n");
        return FileHash.OfText(string.Concat(lines));
    }

    private string OfFile(string file, bool fresh)
    {
        FileStamp stamp = FileStamp.Of(file);
        if (!fresh && entries.TryGetValue(file, out Entry? known) && known.Stamp == stamp)
        {
            return known.Sha256;
        }

        string hash = FileHash.Of(file);
        if (FileStamp.Of(file) == stamp && time.GetUtcNow().UtcTicks - stamp.Modified > Settled.Ticks)
        {
            entries[file] = new Entry(stamp, hash);
            changed = true;
        }

        return hash;
    }

    private bool TryLoad()
    {
        try
        {
            byte[] content = FileStatus.Passing(path) is null ? File.ReadAllBytes(path) : [];
            foreach ((string file, Entry entry) in JsonSerializer.Deserialize<Document>(content)?.Files ?? [])
            {
                entries[file] = entry ?? throw new JsonException();
            }

            if (ToBytes().AsSpan().SequenceEqual(content))
            {
                return true;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
        catch (JsonException)
        {
            // Like what can be read and is not what was written.
        }

        entries.Clear();
        return false;
    }

    private byte[] ToBytes() =>
        JsonSerializer.SerializeToUtf8Bytes(new Document(entries, Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(entries)))));

    private sealed record Document(SortedDictionary<string, Entry> Files, string Sha256);

    private sealed record Entry(FileStamp Stamp, string Sha256);
}

/// <summary>What the file system says of a file: while it stays the same, so does the content, as far as one can tell without reading.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="Modified">The time of its last change, in ticks of UTC.</param>
/// <param name="Inode">Its number in its file system, which a replaced file does not keep; 0 where none can be had.</param>
internal readonly record struct FileStamp(long Bytes, long Modified, ulong Inode)
{
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static FileStamp Of(string path)
    {
        FileInfo file = new(path);
        return new FileStamp(file.Length, file.LastWriteTimeUtc.Ticks, FileStatus.Of(path)?.Inode ?? 0);
    }
}
