namespace AdaptiveKv.Evaluation.Speed;

/// <summary>One timed reading of a prompt into an empty cache.</summary>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Repeat">0-based repeat.</param>
/// <param name="Tokens">Tokens of the prompt.</param>
/// <param name="PrefillMs">Milliseconds to read and encode all of it, without any logits.</param>
/// <param name="FirstTokenMs">Milliseconds until the logits after its last token are there.</param>
public sealed record PrefillRecord(string Policy, int Repeat, int Tokens, double PrefillMs, double FirstTokenMs);
