using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Training.Fitting;

/// <summary>What training minimises: L = CE + latency weight * E_p[cost] + lambda * E_p[loss] over the tiers' probabilities p.</summary>
/// <param name="Costs">Cost of each tier, from 0 for the lowest to 1 for the highest.</param>
/// <param name="ClassWeights">Weight of each label in CE; 1 on average over the training rows.</param>
/// <param name="LatencyWeight">Weight of the expected cost.</param>
/// <param name="Lambda">Weight of the expected loss of quality.</param>
internal sealed record Objective(float[] Costs, float[] ClassWeights, double LatencyWeight, double Lambda)
{
    /// <summary>
    /// Whether the network's numbers z are logarithms of what the tiers lose. Then the deviance of gamma-distributed losses, loss / e^z + z, is minimised, and
    /// the logits are -(lambda * e^z + latency weight * cost): the tier that the two terms together favour.
    /// </summary>
    public bool PredictsLoss { get; init; }

    /// <summary>The logit of a tier.</summary>
    public float Logit(float z, int tier) => PredictsLoss ? (float)LossHead.Logit(z, Lambda, LatencyWeight * Costs[tier]) : z;
}

/// <summary>One of the networks that are trained together.</summary>
/// <param name="Objective">What it minimises; those trained together differ in their weights only.</param>
/// <param name="Seed">Of its first numbers and of the order of the rows.</param>
internal sealed record FitRun(Objective Objective, ulong Seed);
