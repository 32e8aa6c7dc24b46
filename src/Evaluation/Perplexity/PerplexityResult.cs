namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>Perplexity under all policies.</summary>
/// <param name="Policies">The reference first, the others in the order they were named; empty where nothing was scored.</param>
/// <param name="TokensScored">Tokens scored under every policy.</param>
/// <param name="WindowsDone">Windows read to their end.</param>
/// <param name="Seconds">Wall time of the run.</param>
public sealed record PerplexityResult(IReadOnlyList<PerplexitySummary> Policies, int TokensScored, int WindowsDone, double Seconds);
