namespace AdaptiveKv.Policies.Control;

/// <summary>How far the numbers of a network can go: what is finite by itself can overflow once it is folded, multiplied and added up.</summary>
internal static class ControllerReach
{
    /// <summary>Features beyond it count as it; far above what any of them is, and small enough for three layers of any use.</summary>
    public const float MostFeature = 1 << 30;

    // Sums are bounded in double precision and formed in single: what their rounding adds is less than another factor of 2.
    private const double Most = float.MaxValue / 2;

    /// <summary>What overflows for some features; null where every logit is finite.</summary>
    /// <param name="layers">The network over features as they come.</param>
    /// <param name="lambda">Weight of a predicted loss.</param>
    /// <param name="costs">Weighted costs of the tiers.</param>
    public static string? Fault(IReadOnlyList<DenseLayer> layers, double lambda, IReadOnlyList<double> costs)
    {
        double[] reach = [.. Enumerable.Repeat((double)MostFeature, layers[0].Inputs)];
        for (int i = 0; i < layers.Count; i++)
        {
            reach = Outputs(layers[i], reach);
            int worst = Array.FindIndex(reach, bound => !(bound <= Most));
            if (worst >= 0)
            {
                return $"layer {i}, output {worst} is not finite after folding: with the scaling of the features it can come to {reach[worst]:0.#E+0}, "
                    + $"and single precision ends at {float.MaxValue:0.#E+0}; train it again";
            }
        }

        return costs.All(cost => Math.Abs(LossHead.Logit(double.MaxValue, lambda, cost)) <= Most)
            ? null
            : $"the weights of loss ({lambda}) and cost are not finite after folding into the logits; train it again";
    }

    private static double[] Outputs(DenseLayer layer, double[] reach) => [.. layer.Bias.Select((bias, output) =>
        Math.Abs((double)bias) + layer.Weights.AsSpan(output * layer.Inputs, layer.Inputs).ToArray().Zip(reach, (weight, bound) => Math.Abs(weight) * bound).Sum())];
}
