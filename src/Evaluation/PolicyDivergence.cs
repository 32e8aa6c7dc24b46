using AdaptiveKv.Evaluation.Statistics;
using AdaptiveKv.Inference.Likelihoods;

namespace AdaptiveKv.Evaluation;

/// <summary>How far a policy's predictions of the endings are from the 16-bit cache's.</summary>
/// <param name="Kl">Mean KL(16 bits || policy) per prediction, nats.</param>
/// <param name="Low">Lower end of its 95 % interval, over items; null for a single item.</param>
/// <param name="High">Upper end.</param>
/// <param name="TopAgreement">How often both find the same token likeliest.</param>
public sealed record PolicyDivergence(double Kl, double? Low, double? High, Proportion TopAgreement)
{
    /// <summary>The mean over the items, whose predictions are not independent of each other.</summary>
    internal static PolicyDivergence Of(IReadOnlyList<EndingDivergence> items)
    {
        RatioMean mean = RatioMean.Of([.. items.Select(item => item.Kl)], [.. items.Select(item => (double)item.Predictions)]);
        return new PolicyDivergence(
            mean.Value,
            mean.HalfInterval is { } half ? Math.Max(mean.Value - half, 0) : null,
            mean.Value + mean.HalfInterval,
            new Proportion(items.Sum(item => item.Agreements), items.Sum(item => item.Predictions)));
    }
}
