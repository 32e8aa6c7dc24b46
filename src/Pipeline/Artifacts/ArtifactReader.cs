using AdaptiveKv.Files;

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

    /// <summary>A file that a user names, once it is found to be what a manifest beside it says; one that none lists is anybody's, and taken as it is.</summary>
    /// <exception cref="FileNotFoundException">A manifest lists it, and it is gone.</exception>
    /// <exception cref="InvalidDataException">The file, or the manifest that lists it, is not as it was published.</exception>
    public static string Verified(string path)
    {
        string real = path.Length > 0 ? RealPath.Of(path) : path;
        string name = Path.GetFileName(real);
        string manifest = Path.Combine(Path.GetDirectoryName(real) ?? string.Empty, Manifest.FileName);

        // Other programs call their files manifest.json too: one that does not even name the file says nothing about it.
        if (File.Exists(manifest)
            && File.ReadAllText(manifest).Contains($"\"{name}\"", StringComparison.Ordinal)
            && Manifest.Read(manifest).Find(name) is { } entry)
        {
            VerifiedFile.Open(real, entry);
        }

        return path;
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
