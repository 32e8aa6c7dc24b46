namespace AdaptiveKv.Pipeline.Execution;

/// <summary>What a run did.</summary>
/// <param name="Ran">Stages that ran.</param>
/// <param name="Restored">Stages whose outs an earlier run had made of the same inputs.</param>
/// <param name="Unchanged">Stages that were up to date.</param>
public sealed record RunSummary(IReadOnlyList<string> Ran, IReadOnlyList<string> Restored, IReadOnlyList<string> Unchanged);
