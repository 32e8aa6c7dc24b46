using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>How far a policy's predictions are from the reference's, at the same positions of the same text.</summary>
/// <param name="Kl">Mean KL(reference || policy) per token, nats.</param>
/// <param name="KlStandardError">Its standard error over tokens; null for a single token.</param>
/// <param name="TopAgreement">How often both find the same token likeliest.</param>
/// <param name="NllDifference">Mean negative log-likelihood minus the reference's, nats.</param>
/// <param name="NllDifferenceStandardError">Its standard error over tokens, paired.</param>
/// <param name="ByPosition">The divergence at ranges of positions.</param>
public sealed record Divergence(
    double Kl,
    double? KlStandardError,
    Proportion TopAgreement,
    double NllDifference,
    double? NllDifferenceStandardError,
    IReadOnlyList<PositionDivergence> ByPosition);
