namespace AdaptiveKv.Training.Fitting;

/// <summary>What training minimises: L = CE + latency weight * E_p[cost] + lambda * E_p[loss] over the tiers' probabilities p.</summary>
/// <param name="Costs">Cost of each tier, from 0 for the lowest to 1 for the highest.</param>
/// <param name="ClassWeights">Weight of each label in CE; 1 on average over the training rows.</param>
/// <param name="LatencyWeight">Weight of the expected cost.</param>
/// <param name="Lambda">Weight of the expected loss of quality.</param>
internal sealed record Objective(float[] Costs, float[] ClassWeights, double LatencyWeight, double Lambda);
