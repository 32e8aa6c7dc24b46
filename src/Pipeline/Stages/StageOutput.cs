namespace AdaptiveKv.Pipeline.Stages;

/// <summary>A file that a stage writes.</summary>
/// <param name="Name">Its key under <c>outs:</c>, <c>metrics:</c> or <c>plots:</c>.</param>
/// <param name="Description">What it holds.</param>
public sealed record StageOutput(string Name, string Description)
{
    /// <summary>Whether it is a folder of segments, written by a <see cref="Artifacts.SegmentLog"/>, instead of one file.</summary>
    public bool Segmented { get; init; }

    /// <summary>Whether it is written only where a pipeline file or a command line gives it a path: see <see cref="StageContext.Wants"/>.</summary>
    public bool Optional { get; init; }
}
