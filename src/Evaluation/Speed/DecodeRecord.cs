namespace AdaptiveKv.Evaluation.Speed;

/// <summary>Tokens decoded and timed one by one after <paramref name="Depth"/> cached ones: a step is the token's logits and its encoding.</summary>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Depth">Tokens in the cache before the first step.</param>
/// <param name="Repeat">0-based repeat.</param>
/// <param name="MsPerToken">Median of the steps.</param>
/// <param name="DecisionMicroseconds">Median of the part of the steps that saw the token's features and chose its tier.</param>
/// <param name="KvBytes">Allocated bytes of the cache at this depth.</param>
/// <param name="EffectiveBits">Allocated bits per stored element.</param>
/// <param name="StepMs">Every step in order, in milliseconds.</param>
/// <param name="LikeliestNext">The likeliest next token after every step: two engines that agree here have done the same work.</param>
public sealed record DecodeRecord(
    string Policy,
    int Depth,
    int Repeat,
    double MsPerToken,
    double DecisionMicroseconds,
    long KvBytes,
    double EffectiveBits,
    IReadOnlyList<double> StepMs,
    IReadOnlyList<int> LikeliestNext);
