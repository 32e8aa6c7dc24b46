namespace AdaptiveKv.Pipeline.Files;

/// <summary>A file, or a folder of segments, that a stage of a pipeline writes.</summary>
/// <param name="Name">Its name in the stage.</param>
/// <param name="Path">As the document has it.</param>
/// <param name="FullPath">Absolute.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Segmented">Whether it is a folder of segments.</param>
/// <param name="Where">File and line.</param>
public sealed record StageOut(string Name, string Path, string FullPath, OutRole Role, bool Segmented, string Where)
{
    /// <summary>Its file name, or the name of its folder.</summary>
    public string FileName => System.IO.Path.GetFileName(FullPath);
}
