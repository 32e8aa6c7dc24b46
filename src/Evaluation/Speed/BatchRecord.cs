namespace AdaptiveKv.Evaluation.Speed;

/// <summary>Steps that sessions of one policy took together, timed one by one; a step ends when the logits of all are there and their tokens are encoded.</summary>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Depth">Tokens in each cache before the first step.</param>
/// <param name="Sessions">Sessions of a step.</param>
/// <param name="Repeat">0-based repeat.</param>
/// <param name="TokensPerSecond">Of all sessions together: 1000 <paramref name="Sessions"/> / median step.</param>
/// <param name="StepMs">Every step in order, in milliseconds.</param>
public sealed record BatchRecord(string Policy, int Depth, int Sessions, int Repeat, double TokensPerSecond, IReadOnlyList<double> StepMs);
