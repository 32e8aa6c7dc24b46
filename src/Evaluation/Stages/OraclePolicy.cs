using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>The measured costs of tokens used as a policy: a bound for those that must guess them.</summary>
/// <param name="name">Name of the policy.</param>
/// <param name="costs">Of all texts that are evaluated.</param>
/// <param name="price">Of an effective bit.</param>
internal sealed class OraclePolicy(string name, OracleCosts costs, double price) : PrecisionPolicy
{
    /// <summary>How names of such policies begin.</summary>
    public const string Prefix = "oracle-";

    private ulong sequence;

    public override string Name => name;

    public override void Begin(ulong sequence) => this.sequence = sequence;

    public override KvTier Choose(int position) => costs.Choose(sequence, position, price);
}
