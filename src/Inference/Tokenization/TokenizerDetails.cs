namespace AdaptiveKv.Inference.Tokenization;

/// <summary>Rules of tokenizer.json that few vocabularies need and GGUF has no keys for.</summary>
public sealed record TokenizerDetails
{
    /// <summary>No such rule.</summary>
    public static TokenizerDetails Usual { get; } = new();

    /// <summary>Id that stands for a byte without a token; -1 where such bytes are left out.</summary>
    public int Unknown { get; init; } = -1;

    /// <summary>Whether bytes without a token that follow each other have one <see cref="Unknown"/> together.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>Whether a piece that is a token is taken whole even where the merges would not build it; null for what the pre-tokenization rule implies.</summary>
    public bool? TakesWholePieces { get; init; }

    /// <summary>Tokens that are matched literally, but not as control tokens are.</summary>
    public IReadOnlyDictionary<int, AddedToken> Added { get; init; } = new Dictionary<int, AddedToken>();
}
