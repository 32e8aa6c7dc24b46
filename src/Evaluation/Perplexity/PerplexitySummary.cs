namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>What one policy achieved on a text: a row of the table.</summary>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Tokens">Tokens scored.</param>
/// <param name="Nll">Mean negative log-likelihood per token, nats.</param>
/// <param name="NllStandardError">Its standard error over tokens, as if they were independent; null for a single token.</param>
/// <param name="Perplexity">exp(<paramref name="Nll"/>).</param>
/// <param name="Divergence">Distance from the reference; null for the reference, or without one.</param>
/// <param name="EffectiveBits">Allocated bits per stored element, mean over windows at their ends, weighted by tokens.</param>
/// <param name="NominalBits">Mean of key and value bits over the tokens.</param>
/// <param name="KvBytesPerToken">Allocated cache bytes per cached token.</param>
/// <param name="MsPerToken">Median over chunks of wall milliseconds per token, the comparison left out.</param>
/// <param name="MsPerTokenP95">95 % point of the same.</param>
/// <param name="Tiers">Cached tokens by tier.</param>
public sealed record PerplexitySummary(
    string Policy,
    int Tokens,
    double Nll,
    double? NllStandardError,
    double Perplexity,
    Divergence? Divergence,
    double EffectiveBits,
    double NominalBits,
    double KvBytesPerToken,
    double MsPerToken,
    double MsPerTokenP95,
    IReadOnlyDictionary<string, long> Tiers);
