using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Pipeline.Execution;

/// <summary>Whether a stage would run, and why.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Reasons">Why it would run, each a clause: "param lr changed 0.001 -> 0.0003"; empty if it is up to date.</param>
public sealed record StageState(PipelineStage Stage, IReadOnlyList<string> Reasons)
{
    /// <summary>Whether its outs are what its inputs give, and are recorded.</summary>
    public bool IsUpToDate => Reasons.Count == 0;

    /// <summary>Whether its outs are what its inputs give, and only the record of it is missing: its run was stopped after it published.</summary>
    public bool IsMade { get; init; }

    /// <summary>The kept run that made its outs of these inputs, from which they would be restored; null if none did.</summary>
    public string? KeptBy { get; init; }

    /// <summary>Who runs it now: "process 4711 on node1"; null if nobody does.</summary>
    public string? RunningBy { get; init; }

    /// <summary>The kernels that made the outs, where they are others than this process has; the outs are as good, and never mixed with those of this one.</summary>
    public string? OtherKernels => Current?.Kernels is { } made && made != KernelPath.Current ? made : null;

    /// <summary>The inputs as they are now, without outs; null where one is missing or not made yet.</summary>
    internal LockedStage? Current { get; init; }
}
