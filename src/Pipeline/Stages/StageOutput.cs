namespace AdaptiveKv.Pipeline.Stages;

/// <summary>A file that a stage writes.</summary>
/// <param name="Name">What deps of other stages call it: "tokens" in <c>collect.tokens</c>.</param>
/// <param name="FileName">What it is called in the stage's folder; of segments the folder.</param>
/// <param name="Description">What it holds.</param>
public sealed record StageOutput(string Name, string FileName, string Description)
{
    /// <summary>Whether it is a folder of segments, written by <see cref="StageContext.Segments"/>, instead of one file.</summary>
    public bool Segmented { get; init; }

    /// <summary>Whether it is written only where a pipeline file lists it under <c>outs:</c> or a command line gives it a path: see <see cref="StageContext.Wants"/>.</summary>
    public bool Optional { get; init; }

    /// <summary>Whether it is JSON with numbers to show and compare.</summary>
    public bool IsMetrics { get; init; }
}
