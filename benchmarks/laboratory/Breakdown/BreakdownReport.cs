using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Speed;

namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary>A breakdown of prompts and decoded tokens with everything needed to judge and repeat it; what <c>laboratory breakdown --json</c> prints.</summary>
/// <param name="Run">Versions, hashes, machine.</param>
/// <param name="Settings">What was run.</param>
/// <param name="Limits">What the machine can do.</param>
/// <param name="Seconds">Wall time, warm-up included.</param>
/// <param name="Prompts">One per policy: a token of a prompt, the depth being the prompt's length.</param>
/// <param name="Steps">One per policy and depth.</param>
/// <param name="Sessions">How many take steps together; 0 where nobody asked.</param>
/// <param name="Together">One per policy and depth: the share of one session in such a step.</param>
internal sealed record BreakdownReport(RunRecord Run, SpeedSettings Settings, MachineLimits Limits, double Seconds, IReadOnlyList<StepBreakdown> Prompts, IReadOnlyList<StepBreakdown> Steps, int Sessions, IReadOnlyList<StepBreakdown> Together);
