namespace AdaptiveKv.Inference;

/// <summary>What a <see cref="SaliencyTracker"/> knew where branches start.</summary>
/// <param name="Position">Of the last token; -1 before the first.</param>
/// <param name="LogSum">Log of the sum of the exponentials of its logits.</param>
/// <param name="Logits">[vocabulary] after it; empty where no feature needs them.</param>
/// <param name="Received">Mean attention received, and from how many tokens, of it and of those before it in the window.</param>
internal sealed record SaliencyPoint(int Position, double LogSum, float[] Logits, (float Mean, int Count)[] Received);
