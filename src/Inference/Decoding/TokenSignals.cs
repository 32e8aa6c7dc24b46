namespace AdaptiveKv.Inference.Decoding;

/// <summary>What the layers showed of a token while it ran.</summary>
/// <param name="SelfAttention">Weight the token gives itself, mean over query heads and layers.</param>
/// <param name="AttentionVariance">Variance over the query heads of a layer of that weight, mean over layers.</param>
/// <param name="KeyNorm">Length of its key rows in the cache's space, mean over layers and KV heads.</param>
internal readonly record struct TokenSignals(float SelfAttention, float AttentionVariance, float KeyNorm);
