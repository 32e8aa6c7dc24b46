namespace AdaptiveKv.Inference.Likelihoods;

/// <summary>How far the predictions of an item's endings are from the reference's.</summary>
/// <param name="Kl">Sum over the predictions of KL(reference || policy), nats.</param>
/// <param name="Agreements">Predictions whose likeliest token is the reference's.</param>
/// <param name="Predictions">Their number: one after the context, one after each fed token of an ending.</param>
public readonly record struct EndingDivergence(double Kl, int Agreements, int Predictions);
