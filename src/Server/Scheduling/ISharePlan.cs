using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Budgets;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>What a sequence does with its share of the budget.</summary>
internal interface ISharePlan
{
    /// <summary>The fewest bytes that surely suffice for a sequence.</summary>
    /// <param name="start">What it begins with.</param>
    /// <param name="total">Tokens of prompt and continuation at most.</param>
    long Least(SequenceStart start, int total);

    /// <summary>How the cache is kept within a share.</summary>
    /// <param name="share">Bytes, no fewer than the least.</param>
    /// <param name="start">As above.</param>
    /// <param name="prompt">Tokens of the prompt.</param>
    /// <param name="total">As above.</param>
    /// <returns>The policy, which serves one sequence, and the bytes of the share that it may come to.</returns>
    (PrecisionPolicy Policy, long Bytes) For(long share, SequenceStart start, int prompt, int total);
}
