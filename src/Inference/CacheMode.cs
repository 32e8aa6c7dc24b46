namespace AdaptiveKv.Inference;

/// <summary>When a token's keys and values leave 16 bits; every figure names the mode it was taken in.</summary>
public enum CacheMode
{
    /// <summary>Token by token: staged one step at 16 bits, then encoded. The truth.</summary>
    Decode,

    /// <summary>One batched pass with the tiers known beforehand; arithmetic as in <see cref="Decode"/>.</summary>
    TwoPass,

    /// <summary>A chunk attends to itself at 16 bits and is encoded when it ends.</summary>
    Prefill,
}
