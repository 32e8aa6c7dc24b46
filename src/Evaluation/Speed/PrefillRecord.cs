namespace AdaptiveKv.Evaluation.Speed;

/// <summary>One timed reading of a prompt.</summary>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Repeat">0-based repeat.</param>
/// <param name="Tokens">Tokens of the prompt.</param>
/// <param name="PrefillMs">Milliseconds to read and encode all of it, without any logits.</param>
/// <param name="FirstTokenMs">Milliseconds until the logits after its last token are there.</param>
public sealed record PrefillRecord(string Policy, int Repeat, int Tokens, double PrefillMs, double FirstTokenMs)
{
    /// <summary>Tokens in the cache before; 0 for an empty one.</summary>
    public int Depth { get; init; }

    /// <summary>Of <see cref="FirstTokenMs"/> the logits: with <see cref="PrefillMs"/> all that was done.</summary>
    public double LogitsMs { get; init; }
}
