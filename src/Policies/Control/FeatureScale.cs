using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Policies.Control;

/// <summary>A feature that a controller reads, and how it is brought to mean 0 and deviation 1. One that is unknown (NaN) counts as its mean.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Mean">Over the training rows that have it.</param>
/// <param name="Deviation">Standard deviation over the same rows; above 0.</param>
public sealed record FeatureScale(SaliencyFeature Feature, float Mean, float Deviation);
