namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>Receives the logits of the token that follows a position.</summary>
/// <param name="position">0-based position of the last token read.</param>
/// <param name="logits">One per token id; valid during the call only.</param>
public delegate void LogitsVisitor(int position, ReadOnlySpan<float> logits);
