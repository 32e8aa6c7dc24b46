namespace AdaptiveKv.Inference;

/// <summary>Features of the token at a position, by <see cref="Policies.Saliency.SaliencyFeature"/>.</summary>
/// <param name="position">0-based position in the sequence.</param>
internal delegate ReadOnlySpan<float> SaliencyOf(int position);
