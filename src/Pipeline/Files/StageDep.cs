namespace AdaptiveKv.Pipeline.Files;

/// <summary>A file or folder that a stage of a pipeline reads.</summary>
/// <param name="Name">Its name in the stage.</param>
/// <param name="Path">As the document has it.</param>
/// <param name="FullPath">Absolute.</param>
/// <param name="Producer">The stage that makes it; null if it comes from outside of the pipeline.</param>
/// <param name="Where">File and line.</param>
public sealed record StageDep(string Name, string Path, string FullPath, string? Producer, string Where);
