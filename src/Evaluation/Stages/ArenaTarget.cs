namespace AdaptiveKv.Evaluation.Stages;

/// <summary>The policies that aim at the same bits.</summary>
/// <param name="Bits">Effective bits of coded tokens.</param>
/// <param name="Chance">Names of chance, one a seed; where a tier has just these bits, its static policy alone.</param>
/// <param name="Others">Names of those that are compared with chance.</param>
/// <param name="Oracle">Name of the oracle; null without one.</param>
internal sealed record ArenaTarget(double Bits, IReadOnlyList<string> Chance, IReadOnlyList<string> Others, string? Oracle);
