namespace AdaptiveKv.Inference;

/// <summary>Why a generation ended.</summary>
public enum GenerationEnd
{
    /// <summary>The wanted number of tokens.</summary>
    Limit,

    /// <summary>A token that ends a text or a turn.</summary>
    EndOfText,

    /// <summary>A text that was to end it, or nobody asked for more.</summary>
    Stopped,

    /// <summary>The cache holds no more tokens.</summary>
    CacheFull,

    /// <summary>The user interrupted.</summary>
    Cancelled,
}
