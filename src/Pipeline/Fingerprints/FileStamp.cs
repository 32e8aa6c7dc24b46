using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Fingerprints;

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
