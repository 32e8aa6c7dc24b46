using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies.Control;

/// <summary>What holds for every controller, made or read.</summary>
internal static class ControllerRules
{
    /// <summary>Most tiers to choose from; as many as a cache can hold.</summary>
    public const int MostTiers = 8;

    // Above what any code takes: float rows have 32 bits, codes in the smallest groups 9.
    private const double MostBits = 64;

    /// <summary>What is wrong with a controller; null if nothing is.</summary>
    public static string? Fault(Controller controller)
    {
        if (controller.Features.Count == 0 || controller.Features.DistinctBy(scale => scale.Feature).Count() != controller.Features.Count)
        {
            return "a controller has one feature at least, and each once";
        }

        if (controller.Features.FirstOrDefault(scale => !float.IsFinite(scale.Mean) || !float.IsFinite(scale.Deviation) || scale.Deviation <= 0) is { } scale)
        {
            string name = Saliency.SaliencyFeatures.Name(scale.Feature);
            return $"feature '{name}' has mean {scale.Mean} and deviation {scale.Deviation}; a finite mean and a deviation above 0 are expected";
        }

        return TierFault(controller.Tiers) ?? LayerFault(controller);
    }

    private static string? TierFault(IReadOnlyList<TierCost> tiers)
    {
        if (tiers.Count is < 2 or > MostTiers || tiers.DistinctBy(cost => cost.Tier).Count() != tiers.Count)
        {
            return $"a controller has 2 to {MostTiers} tiers, and each once";
        }

        if (tiers.FirstOrDefault(cost => !(cost.Bits is >= 0 and <= MostBits) || cost.Bits == 0 && cost.Tier != KvTier.Dropped || cost.Milliseconds is { } ms && (!double.IsFinite(ms) || ms <= 0)) is { } odd)
        {
            return $"tier '{odd.Tier}' costs {odd.Bits} bits and {odd.Milliseconds} ms; finite numbers above 0, and at most {MostBits} bits, are expected, but that tier {KvTier.Dropped} may have 0 bits";
        }

        return tiers.Zip(tiers.Skip(1)).Any(pair => pair.First.Bits >= pair.Second.Bits) ? "the tiers are not in the order of their bits, fewest first" : null;
    }

    private static string? LayerFault(Controller controller)
    {
        IReadOnlyList<DenseLayer> layers = controller.Layers;
        if (layers.Count is < 2 or > Controller.MostHidden + 1 || layers.SkipLast(1).Any(layer => layer.Outputs is < 1 or > Controller.MostUnits))
        {
            return $"a controller has 1 to {Controller.MostHidden} hidden layers of 1 to {Controller.MostUnits} units";
        }

        for (int i = 0; i < layers.Count; i++)
        {
            int inputs = i == 0 ? controller.Features.Count : layers[i - 1].Outputs;
            int outputs = i == layers.Count - 1 ? controller.Tiers.Count : layers[i].Outputs;
            DenseLayer layer = layers[i];
            if (layer.Inputs != inputs || layer.Outputs != outputs || layer.Weights.Length != inputs * outputs || layer.Bias.Length != outputs)
            {
                return $"layer {i} is {layer.Outputs} x {layer.Inputs} with {layer.Weights.Length} weights and {layer.Bias.Length} biases; "
                    + $"{outputs} x {inputs} is expected";
            }
        }

        return null;
    }
}
