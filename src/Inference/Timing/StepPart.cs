namespace AdaptiveKv.Inference.Timing;

/// <summary>What the time of a decoded token goes to.</summary>
internal enum StepPart
{
    /// <summary>Norms, with quantization of what they give, and the token's embedding.</summary>
    Norms,

    /// <summary>Query, key and value matrices.</summary>
    QueryKeyValue,

    /// <summary>Rotary embedding and transform of queries, keys and values, and storing the new token at the staging width.</summary>
    HeadRows,

    /// <summary>Scores of the cached keys.</summary>
    AttentionKeys,

    /// <summary>Exponentials of the scores.</summary>
    AttentionSoftmax,

    /// <summary>Weighted sums of the cached values.</summary>
    AttentionValues,

    /// <summary>Joining the threads' parts of the attention, and bringing it back to the model's space.</summary>
    AttentionMerge,

    /// <summary>Signals of the layers that features are made of.</summary>
    Signals,

    /// <summary>Output matrix of the attention.</summary>
    AttentionOutput,

    /// <summary>Gate and up matrices.</summary>
    GateUp,

    /// <summary>Gated activation, with quantization of what it gives.</summary>
    Activation,

    /// <summary>Down matrix.</summary>
    Down,

    /// <summary>Output matrix: the logits.</summary>
    Logits,

    /// <summary>Entropy and largest logit.</summary>
    Statistics,

    /// <summary>Waiting for the other threads.</summary>
    Waiting,
}
