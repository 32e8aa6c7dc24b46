using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>
/// The segments of an out that shards write, in one folder, from any machines, at any time, twice if it so happens, and without a lock: a segment counts from the
/// instant at which its manifest is linked to its number. The first writer wins, and a second one has written the same bytes.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="inputs">The hash of everything that the segments are made of.</param>
internal sealed class ShardSegments(string folder, string inputs)
{
    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>How many have been committed, as far as a look at the folder tells.</summary>
    public int Count => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "??????.json").Count() : 0;

    /// <summary>Whether a segment has been committed, as far as a look at the folder tells.</summary>
    public bool Has(int index) => File.Exists(ManifestOf(index));

    /// <summary>A segment of which every byte is as it was committed; null if there is none.</summary>
    public ManifestEntry? Find(int index)
    {
        if (Manifest.TryRead(ManifestOf(index)) is not { Entries: [{ } entry] } || entry.Inputs != inputs)
        {
            return null;
        }

        try
        {
            VerifiedFile.Open(Path.Combine(folder, entry.Path), entry);
            return entry;
        }
        catch (Exception exception) when (exception is FileNotFoundException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Commits a segment.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="temporary">Where it was written, on the same disk and under a name that no other process has.</param>
    /// <param name="extension">Of its name.</param>
    /// <exception cref="InvalidOperationException">Another process has committed other bytes.</exception>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    public ManifestEntry Commit(int index, string temporary, string extension)
    {
        DurableFile.Flush(temporary);
        ManifestEntry entry = ManifestEntry.OfSegment(temporary, index, extension, inputs);
        string list = Path.ChangeExtension(temporary, ".json");
        OutputFile.Write(list, Manifest.Empty.With([entry]).ToBytes());
        DurableFile.Rename(temporary, Path.Combine(folder, entry.Path));
        while (!DurableFile.TryLink(list, ManifestOf(index)))
        {
            if (Find(index) is not { } first)
            {
                Remove(index);
            }
            else if (first.Sha256 != entry.Sha256)
            {
                throw new InvalidOperationException($"{ManifestOf(index)}: another process made this segment of the same inputs with other bytes: one of the two machines computes wrongly");
            }
            else
            {
                break;
            }
        }

        File.Delete(list);
        return entry;
    }

    /// <summary>Takes back that a segment is committed.</summary>
    public void Remove(int index) => File.Delete(ManifestOf(index));

    private string ManifestOf(int index) => Path.Combine(folder, $"{index:D6}.json");
}
