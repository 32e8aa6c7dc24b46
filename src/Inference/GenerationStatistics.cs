using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference;

/// <summary>What a generation took.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="PromptTime">Time until the first token was chosen.</param>
/// <param name="Tokens">Tokens generated.</param>
/// <param name="Time">Time from then on.</param>
/// <param name="Cache">The cache at the end.</param>
/// <param name="End">Why it ended.</param>
public sealed record GenerationStatistics(
    int PromptTokens, TimeSpan PromptTime, int Tokens, TimeSpan Time, CacheStatistics Cache, GenerationEnd End);
