using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Inference.Likelihoods;

/// <summary>One item at 16 bits: what every policy is compared with, and what policies that look at tokens see in two-pass mode.</summary>
/// <param name="context">Tokens of the context.</param>
/// <param name="endings">The endings' tokens.</param>
/// <param name="vocabulary">Number of logits; 0 where predictions are not kept.</param>
internal sealed class ReferenceItem(int context, IReadOnlyList<int[]> endings, int vocabulary)
{
    private readonly float[][] saliency = [new float[context * SaliencyFeatures.All.Count], .. endings.Select(ending => new float[(ending.Length - 1) * SaliencyFeatures.All.Count])];
    private readonly ReferencePredictions[] predictions =
        vocabulary == 0 ? [] : [new ReferencePredictions(1, vocabulary), .. endings.Select(ending => new ReferencePredictions(ending.Length - 1, vocabulary))];

    /// <summary>Whether predictions are kept.</summary>
    public bool HasPredictions => predictions.Length > 0;

    /// <summary>Features of a token by <see cref="SaliencyFeature"/>.</summary>
    /// <param name="ending">Index of the ending; -1 for the context.</param>
    /// <param name="index">Index in it; the last token of an ending is never fed.</param>
    public Span<float> Saliency(int ending, int index) =>
        saliency[ending + 1].AsSpan(index * SaliencyFeatures.All.Count, SaliencyFeatures.All.Count);

    /// <summary>Takes the features of the tokens that its context begins with from where they are known.</summary>
    public void BeginAs(ReferenceItem beginning) => beginning.saliency[0].CopyTo(saliency[0], 0);

    /// <summary>The predictions after the fed tokens of an ending, or with ending -1 the one after the context.</summary>
    public ReferencePredictions Predictions(int ending) => predictions[ending + 1];
}
