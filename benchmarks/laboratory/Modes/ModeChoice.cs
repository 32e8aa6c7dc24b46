using AdaptiveKv.Evaluation;
using AdaptiveKv.Inference.Likelihoods;

namespace AdaptiveKv.Laboratory.Modes;

/// <summary>What one mode made of an item.</summary>
/// <param name="Choice">Index of the ending with the largest log-likelihood.</param>
/// <param name="ChoiceNorm">Index of the ending with the largest log-likelihood per character.</param>
/// <param name="ChoiceBytes">Index of the ending with the largest log-likelihood per byte.</param>
/// <param name="EffectiveBits">Allocated bits per stored element at the longest sequence.</param>
/// <param name="Divergence">Sums of the predictions' distance from 16 bits; null where it was not measured.</param>
internal sealed record ModeChoice(int Choice, int ChoiceNorm, int ChoiceBytes, double EffectiveBits, EndingDivergence? Divergence)
{
    internal static ModeChoice Of(ItemResult result) => new(result.Choice, result.ChoiceNorm, result.ChoiceBytes, result.EffectiveBits, result.Divergence);
}
