using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>A file, or a folder of segments, that a stage writes.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">As messages and lock files have it: of a pipeline's stage <c>artifacts/PIPELINE/STAGE/FILE</c>.</param>
/// <param name="FullPath">Absolute.</param>
/// <param name="Where">File and line of the stage, or the option.</param>
public sealed record StageOut(StageOutput Kind, string Path, string FullPath, string Where)
{
    /// <summary>Its name in the stage.</summary>
    public string Name => Kind.Name;

    /// <summary>Whether it is a folder of segments.</summary>
    public bool Segmented => Kind.Segmented;

    /// <summary>Its file name, or the name of its folder.</summary>
    public string FileName => System.IO.Path.GetFileName(FullPath);
}
