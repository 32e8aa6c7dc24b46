using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;

namespace AdaptiveKv.Cli.Data;

/// <summary>What a path that names a table stands for: a Parquet file, or a published folder of segments.</summary>
internal static class TablePath
{
    private const string Extension = ".parquet";

    /// <summary>The Parquet files, in the order of their rows. Those of a folder are the ones that its manifest lists, verified byte by byte.</summary>
    /// <exception cref="FileNotFoundException">The folder has no manifest, or lacks a segment.</exception>
    /// <exception cref="InvalidDataException">A segment, or a manifest, is not as it was published.</exception>
    /// <exception cref="ArgumentException">The folder holds other things than one table's segments, or it is a pipe.</exception>
    public static IReadOnlyList<string> Files(string path)
    {
        if (!Directory.Exists(path))
        {
            FileStatus.RequireFile(path);
            return [path];
        }

        if (!ArtifactReader.IsPublished(path))
        {
            throw new FileNotFoundException($"{path}: a folder without {Manifest.FileName}: a table's folder is one that 'akv run' has finished; otherwise name a Parquet file in it");
        }

        IReadOnlyList<VerifiedFile> listed = ArtifactReader.Open(path);
        if (listed.FirstOrDefault(file => !file.Path.EndsWith(Extension, StringComparison.Ordinal)) is { } other)
        {
            throw new ArgumentException($"{path}: the folder of a stage, not of one table (its manifest lists {Path.GetRelativePath(path, other.Path)}): name a table in it");
        }

        return listed.Count > 0 ? [.. listed.Select(file => file.Path)] : throw new InvalidDataException($"{path}: its manifest lists no segment");
    }

    /// <summary>Verifies a file that the manifest beside it lists.</summary>
    /// <exception cref="InvalidDataException">It, or the manifest, is not as it was published.</exception>
    public static void Verify(string path)
    {
        if (File.Exists(path))
        {
            ArtifactReader.Verified(path);
        }
    }
}
