namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>Divergence at a range of positions: how the error grows with the length of what the cache holds.</summary>
/// <param name="From">First position.</param>
/// <param name="To">Position after the last.</param>
/// <param name="Tokens">Tokens compared.</param>
/// <param name="Kl">Mean KL(reference || policy) per token, nats.</param>
/// <param name="KlStandardError">Its standard error over tokens; null for a single token.</param>
public sealed record PositionDivergence(int From, int To, int Tokens, double Kl, double? KlStandardError);
