using System.Numerics;
using System.Runtime.InteropServices;

namespace AdaptiveKv.Training.Fitting;

/// <summary>A batch on its way through a network and back. Rows lie in the lanes: every matrix is [unit][row].</summary>
internal sealed class Batch
{
    private readonly Network network;
    private readonly Objective objective;
    private readonly int stride;
    private readonly int tiers;
    private readonly float[][] values;
    private readonly float[][] deltas;
    private readonly float[] transposed;
    private readonly float[] losses;
    private readonly int[] labels;
    private readonly float[] logits;
    private readonly float[] probabilities;

    /// <param name="network">Its shapes; the numbers may change between passes.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="capacity">Most rows.</param>
    public Batch(Network network, Objective objective, int capacity)
    {
        (this.network, this.objective) = (network, objective);
        stride = (capacity + LaneKernels.RowsPerBlock - 1) / LaneKernels.RowsPerBlock * LaneKernels.RowsPerBlock;
        tiers = network.Outputs(network.Count - 1);
        values = [new float[network.Inputs(0) * stride], .. Enumerable.Range(0, network.Count).Select(layer => new float[network.Outputs(layer) * stride])];
        deltas = [.. values.Select(value => new float[value.Length])];
        transposed = new float[Enumerable.Range(0, network.Count).Max(layer => network.Inputs(layer) * network.Outputs(layer))];
        losses = new float[tiers * stride];
        labels = new int[stride];
        logits = objective.PredictsLoss ? new float[tiers * stride] : values[^1];
        probabilities = new float[tiers * stride];
    }

    /// <summary>Rows loaded.</summary>
    public int Rows { get; private set; }

    /// <summary>A logit after <see cref="Forward"/>.</summary>
    public float Logit(int row, int tier) => logits[(tier * stride) + row];

    /// <summary>Takes rows out of a set.</summary>
    public void Load(RowSet set, ReadOnlySpan<int> rows)
    {
        Rows = rows.Length;
        float[] inputs = values[0];
        for (int row = 0; row < stride; row++)
        {
            // Padding repeats the last row; it counts for nothing.
            int source = rows[Math.Min(row, Rows - 1)];
            for (int i = 0; i < set.Width; i++)
            {
                inputs[(i * stride) + row] = set.Inputs[(source * set.Width) + i];
            }

            for (int tier = 0; tier < tiers; tier++)
            {
                losses[(tier * stride) + row] = set.Losses[(source * tiers) + tier];
            }

            labels[row] = set.Labels[source];
        }
    }

    /// <summary>From features to logits, through rectified units.</summary>
    public void Forward()
    {
        for (int layer = 0; layer < network.Count; layer++)
        {
            float[] output = values[layer + 1];
            LaneKernels.Multiply(network.Weights(layer, network.Parameters), network.Bias(layer, network.Parameters), values[layer], stride, output);
            if (layer < network.Count - 1)
            {
                foreach (ref Vector<float> unit in MemoryMarshal.Cast<float, Vector<float>>(output.AsSpan()))
                {
                    unit = Vector.Max(unit, Vector<float>.Zero);
                }
            }
        }

        for (int i = 0; objective.PredictsLoss && i < logits.Length; i++)
        {
            logits[i] = objective.Logit(values[^1][i], i / stride);
        }
    }

    /// <summary>The terms of the loss at the logits, and the loss's gradient there for <see cref="Backward"/>.</summary>
    /// <param name="tally">Receives each row's terms.</param>
    public void Score(LossTally tally)
    {
        Softmax();
        float[] delta = deltas[^1];
        float share = 1f / Rows;
        for (int row = 0; row < stride; row++)
        {
            if (row >= Rows)
            {
                for (int tier = 0; tier < tiers; tier++)
                {
                    delta[(tier * stride) + row] = 0f;
                }

                continue;
            }

            double cost = 0, loss = 0;
            int best = 0;
            for (int tier = 0; tier < tiers; tier++)
            {
                float p = probabilities[(tier * stride) + row];
                cost += p * objective.Costs[tier];
                loss += p * losses[(tier * stride) + row];
                best = Logit(row, tier) > Logit(row, best) ? tier : best;
            }

            if (objective.PredictsLoss)
            {
                tally.Add(Surprise(row), cost, loss, best == labels[row], Deviance(row, delta, share));
                continue;
            }

            double expected = (objective.LatencyWeight * cost) + (objective.Lambda * loss);
            float weight = objective.ClassWeights[labels[row]];
            for (int tier = 0; tier < tiers; tier++)
            {
                int at = (tier * stride) + row;
                double own = (objective.LatencyWeight * objective.Costs[tier]) + (objective.Lambda * losses[at]);
                double towards = weight * (probabilities[at] - (tier == labels[row] ? 1 : 0));
                delta[at] = (float)((towards + (probabilities[at] * (own - expected))) * share);
            }

            tally.Add(weight * Surprise(row), cost, loss, best == labels[row]);
        }
    }

    /// <summary>The gradient of the loss over the network's parameters.</summary>
    public void Backward(float[] gradient)
    {
        for (int layer = network.Count - 1; layer >= 0; layer--)
        {
            LaneKernels.Gradients(deltas[layer + 1], values[layer], stride, network.Weights(layer, gradient), network.Bias(layer, gradient));
            if (layer == 0)
            {
                return;
            }

            Span<float> turned = transposed.AsSpan(0, network.Inputs(layer) * network.Outputs(layer));
            LaneKernels.Transpose(network.Weights(layer, network.Parameters), network.Inputs(layer), turned);
            LaneKernels.Multiply(turned, [], deltas[layer + 1], stride, deltas[layer]);
            Span<Vector<float>> delta = MemoryMarshal.Cast<float, Vector<float>>(deltas[layer].AsSpan());
            ReadOnlySpan<Vector<float>> unit = MemoryMarshal.Cast<float, Vector<float>>(values[layer].AsSpan());
            for (int i = 0; i < delta.Length; i++)
            {
                delta[i] &= Vector.AsVectorSingle(Vector.GreaterThan(unit[i], Vector<float>.Zero));
            }
        }
    }

    // Mean over the tiers of loss / e^z + z, less its minimum, so that 0 is best; the gradient of a loss far above what is expected of it is bounded.
    private double Deviance(int row, float[] delta, float share)
    {
        const double LeastLoss = 1e-5;
        const double MostGradient = 20;
        double sum = 0;
        for (int tier = 0; tier < tiers; tier++)
        {
            int at = (tier * stride) + row;
            double ratio = Math.Max(losses[at], LeastLoss) * Math.Exp(-values[^1][at]);
            sum += ratio - 1 - Math.Log(ratio);
            delta[at] = (float)(Math.Max(1 - ratio, -MostGradient) * share / tiers);
        }

        return sum / tiers;
    }

    // -log p of the label, from the logits: the probability itself may be too small for a float.
    private double Surprise(int row)
    {
        double most = double.NegativeInfinity;
        double sum = 0;
        for (int tier = 0; tier < tiers; tier++)
        {
            most = Math.Max(most, Logit(row, tier));
        }

        for (int tier = 0; tier < tiers; tier++)
        {
            sum += Math.Exp(Logit(row, tier) - most);
        }

        return most + Math.Log(sum) - Logit(row, labels[row]);
    }

    private void Softmax()
    {
        ReadOnlySpan<Vector<float>> z = MemoryMarshal.Cast<float, Vector<float>>(logits.AsSpan());
        Span<Vector<float>> p = MemoryMarshal.Cast<float, Vector<float>>(probabilities.AsSpan());
        int vectors = stride / Vector<float>.Count;
        for (int i = 0; i < vectors; i++)
        {
            Vector<float> most = z[i];
            for (int tier = 1; tier < tiers; tier++)
            {
                most = Vector.Max(most, z[(tier * vectors) + i]);
            }

            Vector<float> sum = Vector<float>.Zero;
            for (int tier = 0; tier < tiers; tier++)
            {
                p[(tier * vectors) + i] = LaneExp.Of(z[(tier * vectors) + i] - most);
                sum += p[(tier * vectors) + i];
            }

            for (int tier = 0; tier < tiers; tier++)
            {
                p[(tier * vectors) + i] /= sum;
            }
        }
    }
}
