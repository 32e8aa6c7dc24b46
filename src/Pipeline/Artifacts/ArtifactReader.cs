using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Pipeline.Artifacts;

/// <summary>Finds published files by what their manifests list, never by looking what is there, and verifies every byte.</summary>
public static class ArtifactReader
{
    /// <summary>Whether the manifest beside a file or in a folder of segments lists it; no manifest, no published file.</summary>
    /// <exception cref="InvalidDataException">The manifest is damaged.</exception>
    public static bool IsPublished(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return File.Exists(Path.Combine(full, Manifest.FileName))
            || (File.Exists(ManifestBeside(full)) && Manifest.Read(ManifestBeside(full)).Find(Path.GetFileName(full)) is not null);
    }

    /// <summary>The content of an artifact: one file, or the segments of a folder in their order.</summary>
    /// <exception cref="FileNotFoundException">No manifest lists it, or a listed file is gone.</exception>
    /// <exception cref="InvalidDataException">A manifest or a file is not as it was published.</exception>
    public static IReadOnlyList<VerifiedFile> Open(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(full))
        {
            return [OpenFile(full, Path.GetFileName(full))];
        }

        // A segmented artifact is a link of a chain: the stage's manifest vouches for the folder's, and that one for the segments.
        string inner = Path.Combine(full, Manifest.FileName);
        if (File.Exists(ManifestBeside(full)))
        {
            OpenFile(full, $"{Path.GetFileName(full)}/{Manifest.FileName}");
        }

        return [.. Manifest.Read(inner).Entries.Select(entry => VerifiedFile.Open(Path.Combine(full, entry.Path), entry))];
    }

    /// <summary>
    /// A file that a user names, once it is found to be what a manifest beside it and the lock file of its pipeline say; one that neither knows is
    /// anybody's, and taken as it is.
    /// </summary>
    /// <exception cref="FileNotFoundException">A manifest lists it, and it is gone.</exception>
    /// <exception cref="InvalidDataException">The file, or the manifest that lists it, is not as it was published.</exception>
    public static string Verified(string path)
    {
        string real = path.Length > 0 ? RealPath.Of(path) : path;
        string name = Path.GetFileName(real);
        string folder = Path.GetDirectoryName(real) ?? string.Empty;
        string manifest = Path.Combine(folder, Manifest.FileName);

        // Other programs call their files manifest.json too: one that does not even name the file says nothing about it.
        bool isNamed = File.Exists(manifest) && File.ReadAllText(manifest).Contains($"\"{name}\"", StringComparison.Ordinal);
        ManifestEntry? entry = isNamed ? Manifest.Read(manifest).Find(name) : null;
        string? actual = entry is null ? null : VerifiedFile.Open(real, entry).Sha256;
        if (!File.Exists(real))
        {
            return path;
        }

        if (LockFile.Recording(real) is { } recorded)
        {
            return (actual ?? FileHash.Of(real)) == recorded.Sha256
                ? path
                : throw new InvalidDataException($"{path}: not what {recorded.Lock} has of it: it is damaged, was edited or is of another run: 'akv run' makes it again or records it");
        }

        return entry is null && LockFile.PipelineOf(real) is not null && FileLock.IsUsed(folder) && Manifest.TryRead(manifest) is null
            ? throw new InvalidDataException($"{path}: in the folder of a stage whose {Manifest.FileName} is missing or damaged, so nothing vouches for it: 'akv run' makes it again; a file of your own belongs elsewhere")
            : path;
    }

    private static VerifiedFile OpenFile(string full, string listed)
    {
        string manifest = ManifestBeside(full);
        ManifestEntry entry = (File.Exists(manifest) ? Manifest.Read(manifest).Find(listed) : null)
            ?? throw new FileNotFoundException($"{full}: {manifest} does not list it: it was never published whole; 'akv run' makes it");
        return VerifiedFile.Open(Path.Combine(Path.GetDirectoryName(full)!, listed), entry);
    }

    private static string ManifestBeside(string full) => Path.Combine(Path.GetDirectoryName(full)!, Manifest.FileName);
}
