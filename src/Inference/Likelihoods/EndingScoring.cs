namespace AdaptiveKv.Inference.Likelihoods;

/// <summary>Scores the endings of one item under one policy, as <see cref="EndingScorer.Score"/> does.</summary>
/// <param name="context">At least one token.</param>
/// <param name="endings">Each at least one token.</param>
public delegate EndingScores EndingScoring(ReadOnlySpan<int> context, IReadOnlyList<int[]> endings);
