namespace AdaptiveKv.Pipeline.Stages;

/// <summary>A file, or a folder of files, that a stage reads.</summary>
/// <param name="Name">Its key under <c>deps:</c>.</param>
/// <param name="Description">What it holds.</param>
public sealed record StageInput(string Name, string Description)
{
    /// <summary>Whether a pipeline file may leave it out.</summary>
    public bool Optional { get; init; }
}
