using AdaptiveKv.Files;

namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>
/// The one way by which files become artifacts of a folder: written under private names, made durable, listed with size and hash in the
/// folder's manifest, then renamed. The manifest is the point of no return: a process that is killed after it leaves renames that the next
/// publisher of the folder completes; one that is killed before it leaves the old artifacts as they were.
/// </summary>
internal sealed class ArtifactPublisher : IDisposable
{
    private readonly string folder;
    private readonly bool isShared;
    private readonly List<string> reserved = [];

    /// <summary>Takes over a folder, which is created where it is missing, and completes what a killed process began.</summary>
    /// <param name="folder">The caller holds its lock.</param>
    /// <param name="isShared">Whether others keep files there too: then nothing is removed that no artifact of it left.</param>
    public ArtifactPublisher(string folder, bool isShared = false)
    {
        (this.folder, this.isShared) = (folder, isShared);
        DurableFolder.Create(folder);
        Manifest = Manifest.TryRead(ManifestPath) ?? Manifest.Empty;
        Recover();
        if (!isShared)
        {
            DurableFile.RemoveTemporaries(folder);
        }
    }

    /// <summary>What is published.</summary>
    public Manifest Manifest { get; private set; }

    private string ManifestPath => Path.Combine(folder, Manifest.FileName);

    /// <summary>Announces an artifact and gives the private path to write it to.</summary>
    /// <param name="name">Relative to the folder, with forward slashes.</param>
    public string Reserve(string name)
    {
        string temporary = DurableFile.TemporaryOf(PathOf(name));
        if (!reserved.Contains(name))
        {
            reserved.Add(name);
            File.Delete(temporary);
        }

        return temporary;
    }

    /// <summary>Publishes everything that was reserved, all of it or nothing.</summary>
    /// <param name="inputs">The hash of everything that the artifacts are made of.</param>
    /// <exception cref="IOException">The disk is full or failed; what was published before is as it was.</exception>
    public void Publish(string inputs)
    {
        List<ManifestEntry> entries = [];
        foreach (string name in reserved)
        {
            string temporary = DurableFile.TemporaryOf(PathOf(name));
            DurableFile.Flush(temporary);
            entries.Add(ManifestEntry.Of(temporary, name, inputs));
        }

        // What the manifest lists must be found under its private name after a power failure, too.
        foreach (string held in reserved.Select(name => Path.GetDirectoryName(PathOf(name))!).Distinct())
        {
            DurableFolder.Flush(held);
        }

        List(entries);
        reserved.Clear();
        foreach (ManifestEntry entry in entries)
        {
            DurableFile.Rename(DurableFile.TemporaryOf(PathOf(entry.Path)), PathOf(entry.Path));
        }
    }

    /// <summary>Writes the manifest of files that are there. In a folder of its own a stage lists its outs alone: nothing of what was listed before stays.</summary>
    public void List(IReadOnlyCollection<ManifestEntry> entries)
    {
        Manifest next = (isShared ? Manifest : Manifest.Empty).With(entries);
        DurableFile.Replace(ManifestPath, next.ToBytes());
        Manifest = next;
    }

    /// <summary>Removes what was written and not published.</summary>
    public void Dispose() => reserved.ForEach(name => File.Delete(DurableFile.TemporaryOf(PathOf(name))));

    private void Recover()
    {
        foreach (ManifestEntry entry in Manifest.Entries)
        {
            string temporary = DurableFile.TemporaryOf(PathOf(entry.Path));
            if (File.Exists(temporary) && new FileInfo(temporary).Length == entry.Bytes && FileHash.Of(temporary) == entry.Sha256)
            {
                DurableFile.Rename(temporary, PathOf(entry.Path));
            }
        }
    }

    private string PathOf(string name) => Path.Combine(folder, name);
}
