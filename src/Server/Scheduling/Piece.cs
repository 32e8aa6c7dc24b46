using AdaptiveKv.Inference;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>What a continuation gained.</summary>
/// <param name="Text">Whole characters, perhaps none.</param>
/// <param name="Tokens">Tokens that end in the text, where log-probabilities were asked for; those of the prompt first.</param>
/// <param name="Result">What it came to, with the last piece.</param>
internal sealed record Piece(string Text, IReadOnlyList<ScoredToken> Tokens, SequenceResult? Result = null)
{
    /// <summary>Which of the continuations that were asked for together.</summary>
    public int Index { get; init; }
}

/// <summary>A token and how likely it was.</summary>
/// <param name="Id">The token.</param>
/// <param name="LogProbability">In nats; null for the first token of all.</param>
/// <param name="Likeliest">The likeliest tokens at its place, as many as were asked for, and theirs.</param>
internal sealed record ScoredToken(int Id, double? LogProbability, IReadOnlyList<(int Id, double LogProbability)> Likeliest);

/// <summary>What a continuation came to.</summary>
/// <param name="End">Why it ended.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Tokens">Tokens of the continuation, without one that ends a text.</param>
/// <param name="Shared">Tokens of the prompt that were taken over from another sequence.</param>
/// <param name="Policy">How its cache was kept.</param>
/// <param name="Bytes">Bytes of its cache, without what it shares.</param>
/// <param name="Elements">Key and value elements in them.</param>
/// <param name="Waited">Time until it was admitted.</param>
/// <param name="First">Time until its first token was chosen, or its prompt scored.</param>
internal sealed record SequenceResult(
    GenerationEnd End, int PromptTokens, int Tokens, int Shared, string Policy, long Bytes, long Elements, TimeSpan Waited, TimeSpan First);
