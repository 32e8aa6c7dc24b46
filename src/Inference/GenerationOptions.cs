using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Inference;

/// <summary>How a text is continued.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most tokens to generate; what fits the session bounds it too.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>How tokens are chosen; by default the likeliest.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Texts that end the generation; they are not part of it. None is empty.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>What is wrong with the values, one line each; empty where they are valid.</summary>
    public IReadOnlyList<string> Faults() => [.. Sampling.Faults(), .. Stops.Contains(string.Empty) ? (string[])["a stop text is empty: give at least one character"] : []];
}
