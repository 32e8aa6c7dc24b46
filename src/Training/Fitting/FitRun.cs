namespace AdaptiveKv.Training.Fitting;

/// <summary>One of the networks that are trained together.</summary>
/// <param name="Objective">What it minimises; those trained together differ in their weights only.</param>
/// <param name="Seed">Of its first numbers and of the order of the rows.</param>
internal sealed record FitRun(Objective Objective, ulong Seed);
