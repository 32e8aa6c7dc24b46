using AdaptiveKv.Evaluation.Perplexity;

namespace AdaptiveKv.Laboratory.Ablation;

/// <summary>One code at one tier: a row of the ablation.</summary>
/// <param name="Code">Name of the code.</param>
/// <param name="Tier">Bits of keys and values, and what changes them for some tokens.</param>
/// <param name="Method">"two-pass", "decode", or how it was simulated.</param>
/// <param name="Simulated">Whether the code was only simulated; its bits are by formula then.</param>
/// <param name="Divergence">Distance from 16 bits without any transform.</param>
/// <param name="EffectiveBits">Allocated bits per element.</param>
/// <param name="Tokens">Tokens compared.</param>
internal sealed record AblationRow(string Code, string Tier, string Method, bool Simulated, Divergence Divergence, double EffectiveBits, int Tokens);
