using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Pipeline.Runs;

/// <summary>
/// Files by the hash of their content, each once, as clones, links or copies of artifacts (<see cref="FileTwin"/>). A link can be edited in place by those who
/// may write to everything, so nothing is taken from here unread.
/// </summary>
/// <param name="folder">Need not exist.</param>
/// <param name="hashes">Remembered ones.</param>
internal sealed class ContentStore(string folder, FileHashes hashes)
{
    private const int FolderDigits = 2;

    /// <summary>Where a content is, or would be.</summary>
    public string PathOf(string sha256) => Path.Combine(folder, sha256[..FolderDigits], sha256[FolderDigits..]);

    /// <summary>Whether a content is here, by what is remembered of it.</summary>
    public bool Has(string sha256) => File.Exists(PathOf(sha256)) && hashes.Of(PathOf(sha256)) == sha256;

    /// <summary>Whether a content is here, every byte of it; what is not as it was is removed.</summary>
    public bool Verify(string sha256)
    {
        string kept = PathOf(sha256);
        if (!File.Exists(kept) || FileHash.Of(kept) == sha256)
        {
            return File.Exists(kept);
        }

        File.Delete(kept);
        return false;
    }

    /// <summary>Keeps a file. The caller holds the store's lock.</summary>
    /// <exception cref="IOException">It is not what it should be, or the disk is full or failed.</exception>
    public void Put(string path, string sha256)
    {
        if (Has(sha256))
        {
            return;
        }

        string kept = PathOf(sha256), temporary = DurableFile.TemporaryOf(kept);
        DurableFolder.Create(Path.GetDirectoryName(kept)!);
        File.Delete(temporary);
        FileTwin.Make(path, temporary);
        if (FileHash.Of(temporary) != sha256)
        {
            File.Delete(temporary);
            throw new IOException($"{path}: changed while it was kept: run the same command again");
        }

        DurableFile.Rename(temporary, kept);
    }

    /// <summary>Gives a content that was verified a place.</summary>
    /// <param name="sha256">The content.</param>
    /// <param name="target">A private name.</param>
    public void Place(string sha256, string target)
    {
        DurableFolder.Create(Path.GetDirectoryName(target)!);
        File.Delete(target);
        FileTwin.Make(PathOf(sha256), target);
    }

    /// <summary>Removes everything else. The caller holds the store's lock.</summary>
    /// <returns>How many files went, and their bytes.</returns>
    public (int Files, long Bytes) KeepOnly(IReadOnlySet<string> contents)
    {
        int files = 0;
        long bytes = 0;
        foreach (FileInfo file in Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories) : [])
        {
            if (!contents.Contains(file.Directory!.Name + file.Name))
            {
                (files, bytes) = (files + 1, bytes + file.Length);
                file.Delete();
            }
        }

        return (files, bytes);
    }
}
