namespace AdaptiveKv.Inference;

/// <summary>What a <see cref="SaliencyTracker"/> knows of a sequence's newest tokens.</summary>
/// <param name="Values">[tokens][features], the newest token last.</param>
/// <param name="Receivers">[tokens] tokens that gave each of them attention.</param>
/// <param name="Logits">[vocabulary] after the newest token; empty where no feature needs them.</param>
/// <param name="LogSum">Log of the sum of their exponentials.</param>
internal sealed record SaliencyMemory(float[] Values, float[] Receivers, float[] Logits, double LogSum);
