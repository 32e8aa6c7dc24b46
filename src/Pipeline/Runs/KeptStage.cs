using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Pipeline.Runs;

/// <summary>A stage of a kept run.</summary>
/// <param name="Made">What its outs were made of and what they were, as in a lock file.</param>
/// <param name="Files">All files of its outs, segments and their lists among them, by paths relative to the stage's folder.</param>
public sealed record KeptStage(LockedStage Made, IReadOnlyList<ManifestEntry> Files)
{
    /// <summary>A stage as it lies in its folder.</summary>
    /// <exception cref="IOException">A file of it is gone.</exception>
    internal static KeptStage Of(PipelineStage stage, LockedStage made) => new(made, [.. stage.Outs.SelectMany(output => FilesOf(output, made.Outs[output.Name].Sha256))]);

    /// <summary>Whether it is the same, made of the same.</summary>
    internal bool IsSameAs(KeptStage other) => Made.Inputs == other.Made.Inputs && Files.SequenceEqual(other.Files);

    /// <summary>Whether a file is listed by the stage's own manifest; one that is not is a segment, listed by its folder's.</summary>
    internal static bool IsPublished(ManifestEntry file) => !file.Path.Contains('/') || file.Path.EndsWith($"/{Manifest.FileName}", StringComparison.Ordinal);

    private static IEnumerable<ManifestEntry> FilesOf(StageOut output, string sha256)
    {
        string path = output.Segmented ? Path.Combine(output.FullPath, Manifest.FileName) : output.FullPath;
        ManifestEntry published = new(Path.GetRelativePath(Path.GetDirectoryName(output.FullPath)!, path).Replace('\\', '/'), new FileInfo(path).Length, sha256);
        return output.Segmented
            ? [published, .. Manifest.Read(path).Entries.Select(entry => entry with { Path = $"{output.FileName}/{entry.Path}" })]
            : [published];
    }
}
