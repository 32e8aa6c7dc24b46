namespace AdaptiveKv.Policies.Budgets;

/// <summary>How long a sequence can become.</summary>
/// <param name="Prompt">Tokens of its prompt.</param>
/// <param name="Total">Tokens of prompt and continuation at most.</param>
/// <param name="Batch">Tokens of the prompt that are read, and wait for their tiers, together.</param>
internal readonly record struct SequenceLength(int Prompt, int Total, int Batch)
{
    /// <summary>Tokens that wait for their tiers at a time while the prompt is read.</summary>
    public int StagedInPrompt(int recent) => Math.Min(Prompt, recent + Batch);

    /// <summary>The same at the end, with the token whose step it is.</summary>
    public int StagedAtEnd(int recent) => Math.Min(Total, recent + 1);
}
