using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Budgets;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>Without a budget a sequence takes what its policy needs.</summary>
/// <param name="policy">Makes the policy of a sequence.</param>
internal sealed class FreePlan(Func<PrecisionPolicy> policy) : ISharePlan
{
    public long Least(SequenceStart start, int total) => 0;

    public (PrecisionPolicy Policy, long Bytes) For(long share, SequenceStart start, int prompt, int total) => (policy(), 0);
}
