using AdaptiveKv.Evaluation.Provenance;

namespace AdaptiveKv.Laboratory.Balance;

/// <summary>How the work of steps falls to threads, with everything needed to judge and repeat it.</summary>
/// <param name="Run">Versions, hashes, machine; the threads are those that times are taken with.</param>
/// <param name="Threads">Numbers of threads that are looked at.</param>
/// <param name="Repeats">Steps whose median times count.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Kinds">By kind of step.</param>
internal sealed record BalanceReport(RunRecord Run, IReadOnlyList<int> Threads, int Repeats, double Seconds, IReadOnlyList<StepBalance> Kinds);
