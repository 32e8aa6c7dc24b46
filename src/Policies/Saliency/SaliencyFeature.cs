namespace AdaptiveKv.Policies.Saliency;

/// <summary>What is known about a token once its step is over. A token's features are a span of floats in this order; NaN where one is unknown.</summary>
public enum SaliencyFeature
{
    /// <summary>Entropy of the next token's distribution, nats.</summary>
    Entropy,

    /// <summary>log((N + V) / (count + 1)) of the token in a text of N tokens over a vocabulary of V: its inverse document frequency, smoothed.</summary>
    Rarity,

    /// <summary>Variance over the query heads of a layer of the weight that the token gives itself, mean over the layers.</summary>
    AttentionVariance,

    /// <summary>Largest probability of the next token's distribution: the run-time stand-in for the divergence from full precision.</summary>
    Confidence,

    /// <summary>-log p of the token itself in the distribution before it, nats; NaN for the first token.</summary>
    Surprisal,

    /// <summary>Entropy of the distribution before the token, nats; NaN for the first token.</summary>
    PreviousEntropy,

    /// <summary>log(1 + position).</summary>
    LogPosition,

    /// <summary>Weight that the token gives itself, mean over query heads and layers.</summary>
    SelfAttention,

    /// <summary>Length of the token's keys in the cache's space, mean over layers and KV heads.</summary>
    KeyNorm,

    /// <summary>Relative squared error of the token's own keys and values at 2 bits, mean over layers, KV heads and both.</summary>
    Error2,

    /// <summary>The same at 3 bits.</summary>
    Error3,

    /// <summary>The same at 4 bits.</summary>
    Error4,

    /// <summary>The same at 8 bits.</summary>
    Error8,

    /// <summary>Weight that the next tokens give the token while it waits for its tier, mean over them, query heads and layers; NaN where none does.</summary>
    AttentionReceived,

    /// <summary>1 for a token whose text begins with white space, which in these vocabularies begins a word; else 0.</summary>
    WordStart,

    /// <summary>Characters of the token's text without the white space around it.</summary>
    PieceLength,

    /// <summary>What a <see cref="HiddenProbe"/> reads from the token's hidden state: ln of its expected cost per later prediction, nats.</summary>
    Probe,

    /// <summary>log(1 + tokens of the prompt that are still to come); 0 for its last token and for those of an answer, and where every prediction counts.</summary>
    LogRemaining,
}
