namespace AdaptiveKv.Evaluation;

/// <summary>How far a policy's next-token distributions are from those with 16 bits, over the tokens of all items.</summary>
/// <param name="Mean">KL(16 bits || policy) per token, in nats.</param>
/// <param name="Low">Lower end of its 95 % interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="Top1">Share of tokens with the same likeliest next token, 0 to 1.</param>
public sealed record PolicyDivergence(double Mean, double Low, double High, double Top1);
