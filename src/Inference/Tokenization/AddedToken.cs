namespace AdaptiveKv.Inference.Tokenization;

/// <summary>How a token that is matched literally is found in a text; by default as a control token is.</summary>
public sealed record AddedToken
{
    /// <summary>The rule of control tokens.</summary>
    public static AddedToken Control { get; } = new();

    /// <summary>The rule of tokens that a text may always spell.</summary>
    public static AddedToken UserDefined { get; } = new() { IsControl = false };

    /// <summary>Whether it is matched on request only, as markers of turns are.</summary>
    public bool IsControl { get; init; } = true;

    /// <summary>Whether it takes the white space before it.</summary>
    public bool StripsLeft { get; init; }

    /// <summary>Whether it takes the white space behind it.</summary>
    public bool StripsRight { get; init; }

    /// <summary>Whether it is none within a word.</summary>
    public bool IsSingleWord { get; init; }

    /// <summary>Whether it is looked for only in what those that are not normalized leave.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>Whether merges may also build it, from its spelling in the byte alphabet.</summary>
    public bool IsMerged { get; init; } = true;
}
