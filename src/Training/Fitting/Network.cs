using AdaptiveKv.Files;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Training.Fitting;

/// <summary>The numbers of a network in training: all weights and biases in one array, layer after layer.</summary>
internal sealed class Network
{
    private readonly (int Inputs, int Outputs, int Start)[] layers;

    /// <param name="widths">Features, units of each hidden layer, tiers.</param>
    public Network(IReadOnlyList<int> widths)
    {
        layers = new (int, int, int)[widths.Count - 1];
        int start = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = (widths[i], widths[i + 1], start);
            start += (widths[i] + 1) * widths[i + 1];
        }

        Parameters = new float[start];
    }

    private Network(Network other) => (layers, Parameters) = (other.layers, [.. other.Parameters]);

    /// <summary>Weights and biases.</summary>
    public float[] Parameters { get; }

    /// <summary>Number of layers.</summary>
    public int Count => layers.Length;

    /// <summary>Numbers that a layer reads.</summary>
    public int Inputs(int layer) => layers[layer].Inputs;

    /// <summary>Numbers that a layer gives.</summary>
    public int Outputs(int layer) => layers[layer].Outputs;

    /// <summary>[outputs][inputs] of a layer, in its parameters or in an array like them.</summary>
    public Span<float> Weights(int layer, float[] numbers) => numbers.AsSpan(layers[layer].Start, layers[layer].Inputs * layers[layer].Outputs);

    /// <summary>[outputs] of a layer, in its parameters or in an array like them.</summary>
    public Span<float> Bias(int layer, float[] numbers) =>
        numbers.AsSpan(layers[layer].Start + (layers[layer].Inputs * layers[layer].Outputs), layers[layer].Outputs);

    /// <summary>Random numbers to start from: weights uniform with the variance 2 / inputs, which rectified units keep (He et al. 2015), biases 0.</summary>
    public void Start(CounterRandom random)
    {
        for (int layer = 0; layer < Count; layer++)
        {
            double reach = Math.Sqrt(6.0 / Inputs(layer));
            Span<float> weights = Weights(layer, Parameters);
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = (float)(reach * ((2 * random.Uniform((ulong)i, (ulong)layer)) - 1));
            }

            Bias(layer, Parameters).Clear();
        }
    }

    /// <summary>One network that gives the mean of what others give: their units side by side, and no weights between those of different ones.</summary>
    /// <param name="networks">At least one, all of the same widths.</param>
    public static Network MeanOf(IReadOnlyList<Network> networks)
    {
        Network first = networks[0];
        int copies = networks.Count, last = first.Count - 1;
        Network mean = new([first.Inputs(0), .. Enumerable.Range(0, last).Select(layer => first.Outputs(layer) * copies), first.Outputs(last)]);
        for (int copy = 0; copy < copies; copy++)
        {
            for (int layer = 0; layer < first.Count; layer++)
            {
                mean.Take(networks[copy], layer, layer == 0 ? 0 : copy * first.Inputs(layer), layer == last ? 0 : copy * first.Outputs(layer), layer == last ? 1f / copies : 1f);
            }
        }

        return mean;
    }

    /// <summary>The network as it is now.</summary>
    public Network Copy() => new(this);

    /// <summary>Its layers, for a controller.</summary>
    public IReadOnlyList<DenseLayer> ToLayers() => [.. Enumerable.Range(0, Count).Select(layer =>
        new DenseLayer(Inputs(layer), Outputs(layer), Weights(layer, Parameters).ToArray(), Bias(layer, Parameters).ToArray()))];

    // Adds another network's layer from an input and an output on.
    private void Take(Network other, int layer, int firstInput, int firstOutput, float share)
    {
        Span<float> weights = Weights(layer, Parameters), bias = Bias(layer, Parameters);
        ReadOnlySpan<float> otherWeights = other.Weights(layer, other.Parameters), otherBias = other.Bias(layer, other.Parameters);
        for (int output = 0; output < other.Outputs(layer); output++)
        {
            bias[firstOutput + output] += share * otherBias[output];
            for (int input = 0; input < other.Inputs(layer); input++)
            {
                weights[((firstOutput + output) * Inputs(layer)) + firstInput + input] += share * otherWeights[(output * other.Inputs(layer)) + input];
            }
        }
    }
}
