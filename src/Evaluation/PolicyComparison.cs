namespace AdaptiveKv.Evaluation;

/// <summary>Two policies on the same items.</summary>
/// <param name="Policy">The one that is judged.</param>
/// <param name="Other">What it is compared with.</param>
/// <param name="Measure">What is compared, with its unit: "KL (nats)".</param>
/// <param name="Difference">The policy's less the other's.</param>
/// <param name="Low">Lower end of its 95 % interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="PValue">Two-sided; null where no test was made.</param>
public sealed record PolicyComparison(string Policy, string Other, string Measure, double Difference, double Low, double High, double? PValue);
