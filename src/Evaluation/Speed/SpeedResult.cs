namespace AdaptiveKv.Evaluation.Speed;

/// <summary>Everything that was timed.</summary>
/// <param name="Prefills">One per policy, depth and repeat, in the order they ran.</param>
/// <param name="Decodes">One per policy, depth and repeat, in the order they ran.</param>
/// <param name="Seconds">Wall time, warm-up included.</param>
public sealed record SpeedResult(IReadOnlyList<PrefillRecord> Prefills, IReadOnlyList<DecodeRecord> Decodes, double Seconds);
