using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>One prompt to continue, once.</summary>
/// <param name="Prompt">At least one token.</param>
/// <param name="MaxTokens">Most tokens of the continuation; 0 where only the prompt is scored.</param>
/// <param name="Sampling">How tokens are chosen.</param>
/// <param name="Stops">Texts that end the continuation.</param>
/// <param name="Logprobs">How many of the likeliest tokens are told at each place; null for no log-probabilities.</param>
/// <param name="ScoresPrompt">Whether the prompt's tokens have log-probabilities too: it is read as decoding would, and nothing of it is taken over.</param>
/// <param name="Cancellation">Is cancelled when nobody waits any more.</param>
internal sealed record SequenceRequest(
    int[] Prompt, int MaxTokens, SamplingOptions Sampling, IReadOnlyList<string> Stops, int? Logprobs, bool ScoresPrompt, CancellationToken Cancellation)
{
    /// <summary>Most tokens of prompt and continuation.</summary>
    public int Total => Prompt.Length + MaxTokens;
}
