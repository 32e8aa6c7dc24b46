using System.Numerics.Tensors;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Policies.Control;

/// <summary>
/// The learned choice of a token's tier: a few features, hidden layers of rectified units, one logit per tier. The scaling of the
/// features is folded into the first layer. Any number of threads may use one controller.
/// </summary>
public sealed class Controller
{
    /// <summary>Most units of a hidden layer.</summary>
    public const int MostUnits = 1024;

    /// <summary>Most hidden layers.</summary>
    public const int MostHidden = 8;

    private readonly PackedLayer[] packed;
    private readonly double[] costs;

    /// <summary>Puts a controller together.</summary>
    /// <param name="features">Read in this order.</param>
    /// <param name="layers">From the scaled features to the logits; <see cref="MostHidden"/> + 1 at most.</param>
    /// <param name="tiers">Two at least, from few bits to many.</param>
    /// <param name="record">What it was made of.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other, or a logit could overflow.</exception>
    public Controller(IReadOnlyList<FeatureScale> features, IReadOnlyList<DenseLayer> layers, IReadOnlyList<TierCost> tiers, ControllerRecord record)
    {
        Features = features;
        Layers = layers;
        Tiers = tiers;
        Record = record;
        if (ControllerRules.Fault(this) is { } fault)
        {
            throw new ArgumentException(fault);
        }

        double[] numbers = [.. tiers.Select(cost => cost.Milliseconds ?? cost.Bits)];
        double range = numbers.Max() - numbers.Min();
        costs = [.. numbers.Select(number => range > 0 ? record.LatencyWeight * (number - numbers.Min()) / range : 0)];
        Folded = [Fold(layers[0], features), .. layers.Skip(1)];
        if (ControllerReach.Fault(Folded, record.Lambda, costs) is { } overflow)
        {
            throw new ArgumentException(overflow);
        }

        packed = [.. Folded.Select(layer => new PackedLayer(layer))];
    }

    /// <summary>The features it reads, in the order of its inputs.</summary>
    public IReadOnlyList<FeatureScale> Features { get; }

    /// <summary>Its layers, over scaled features.</summary>
    public IReadOnlyList<DenseLayer> Layers { get; }

    /// <summary>What it can choose, from few bits to many.</summary>
    public IReadOnlyList<TierCost> Tiers { get; }

    /// <summary>What it was made of.</summary>
    public ControllerRecord Record { get; }

    /// <summary>Whether the last layer's numbers are logarithms of what the tiers lose, and not logits: see <see cref="LossHead"/>.</summary>
    public bool PredictsLoss { get; init; }

    /// <summary>Which price leads to how many bits; null for a controller that was not measured.</summary>
    public BudgetCurve? Budget { get; init; }

    /// <summary>The rarity of the tokens it learned with; null where it was made without.</summary>
    public RarityTable? Rarity { get; init; }

    /// <summary>The probe of hidden states that it learned with; null where it was made without.</summary>
    public HiddenProbe? Probe { get; init; }

    /// <summary>SHA-256 of the file it was read from, lower-case hex; null for one that was made here.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Its layers, over features as they come.</summary>
    internal IReadOnlyList<DenseLayer> Folded { get; }

    /// <summary>Weighted costs of the tiers, which logits of a <see cref="LossHead"/> count.</summary>
    internal IReadOnlyList<double> Costs => costs;

    /// <summary>The logits of a token.</summary>
    /// <param name="saliency">The token's features, indexed by <see cref="SaliencyFeature"/>; NaN where one is unknown.</param>
    /// <param name="logits">Receives one number per tier.</param>
    public void Logits(ReadOnlySpan<float> saliency, Span<float> logits)
    {
        Span<float> x = stackalloc float[MostUnits];
        Span<float> y = stackalloc float[MostUnits];
        Gather(saliency, x);
        foreach (PackedLayer layer in packed)
        {
            if (layer != packed[0])
            {
                TensorPrimitives.Max(y[..layer.Inputs], 0f, x);
            }

            layer.Apply(x, y);
        }

        Finish(y, logits);
    }

    /// <summary>The same, one number at a time: the reference for tests.</summary>
    internal void LogitsScalar(ReadOnlySpan<float> saliency, Span<float> logits)
    {
        float[] x = new float[MostUnits];
        float[] y = new float[MostUnits];
        Gather(saliency, x);
        foreach (PackedLayer layer in packed)
        {
            for (int i = 0; layer != packed[0] && i < layer.Inputs; i++)
            {
                x[i] = Math.Max(y[i], 0f);
            }

            layer.ApplyScalar(x, y);
        }

        Finish(y, logits);
    }

    /// <summary>The tier with the largest logit after its price is taken off: argmax over b of logit_b - price * bits_b.</summary>
    /// <param name="saliency">As for <see cref="Logits"/>.</param>
    /// <param name="price">Logits per effective bit; 0 chooses as trained, more chooses fewer bits, less than 0 more.</param>
    /// <returns>Place in <see cref="Tiers"/>; of equal ones that with fewer bits.</returns>
    public int Choose(ReadOnlySpan<float> saliency, double price)
    {
        Span<float> logits = stackalloc float[ControllerRules.MostTiers];
        Logits(saliency, logits);
        int best = 0;
        for (int tier = 1; tier < Tiers.Count; tier++)
        {
            best = Worth(logits, tier) > Worth(logits, best) ? tier : best;
        }

        return best;

        double Worth(ReadOnlySpan<float> worths, int tier) => worths[tier] - (price * Tiers[tier].Bits);
    }

    private void Finish(ReadOnlySpan<float> y, Span<float> logits)
    {
        for (int tier = 0; tier < Tiers.Count; tier++)
        {
            logits[tier] = PredictsLoss ? (float)LossHead.Logit(y[tier], Record.Lambda, costs[tier]) : y[tier];
        }
    }

    private void Gather(ReadOnlySpan<float> saliency, Span<float> x)
    {
        for (int i = 0; i < Features.Count; i++)
        {
            float value = saliency[(int)Features[i].Feature];
            x[i] = float.IsFinite(value) ? Math.Clamp(value, -ControllerReach.MostFeature, ControllerReach.MostFeature) : Features[i].Mean;
        }
    }

    // W ((x - mean) / deviation) + b = W' x + b' with W' = W / deviation, b' = b - W' mean.
    private static DenseLayer Fold(DenseLayer layer, IReadOnlyList<FeatureScale> features)
    {
        float[] weights = new float[layer.Weights.Length];
        float[] bias = new float[layer.Outputs];
        for (int output = 0; output < layer.Outputs; output++)
        {
            double shifted = layer.Bias[output];
            for (int input = 0; input < layer.Inputs; input++)
            {
                int at = (output * layer.Inputs) + input;
                weights[at] = layer.Weights[at] / features[input].Deviation;
                shifted -= (double)weights[at] * features[input].Mean;
            }

            bias[output] = (float)shifted;
        }

        return layer with { Weights = weights, Bias = bias };
    }
}
