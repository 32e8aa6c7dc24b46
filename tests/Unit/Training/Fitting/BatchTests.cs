using AdaptiveKv.KvCache;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Unit.Training.Fitting;

public sealed class BatchTests
{
    private static readonly Objective Weighted = SampleRows.Objective with { ClassWeights = [0.5f, 1f, 1.5f, 2f] };

    [Theory]
    [InlineData(50, 16)]
    [InlineData(64, 8, 6)]
    [InlineData(3, 128)]
    public void Gradients_are_those_of_finite_differences(int rows, params int[] hidden)
    {
        RowSet set = SampleRows.Of(rows);
        Network network = new([4, .. hidden, 4]);
        network.Start(new CounterRandom(3));
        Batch batch = new(network, Weighted, 64);
        LossTally tally = new(Weighted);
        float[] gradient = new float[network.Parameters.Length];

        batch.Load(set, [.. Enumerable.Range(0, rows)]);
        batch.Forward();
        batch.Score(tally);
        batch.Backward(gradient);

        double[] exact = [.. network.Parameters];
        Assert.Equal(Loss(network, exact, set), tally.Mean().Total, 1e-6);
        const double Step = 1e-6;
        for (int i = 0; i < exact.Length; i += 1 + (exact.Length / 200))
        {
            double at = exact[i];
            exact[i] = at + Step;
            double above = Loss(network, exact, set);
            exact[i] = at - Step;
            double below = Loss(network, exact, set);
            exact[i] = at;
            Assert.Equal((above - below) / (2 * Step), gradient[i], 2e-6);
        }
    }

    [Theory]
    [InlineData(50, 16)]
    [InlineData(3, 128)]
    public void Gradients_of_predicted_losses_are_those_of_their_deviance(int rows, params int[] hidden)
    {
        Objective objective = Weighted with { PredictsLoss = true };
        RowSet set = SampleRows.Of(rows) with { Losses = [.. SampleRows.Of(rows).Losses.Select((loss, i) => 0.3f + loss + (0.1f * (i % 3)))] };
        Network network = new([4, .. hidden, 4]);
        network.Start(new CounterRandom(3));
        for (int i = 0; i < network.Parameters.Length; i++)
        {
            // Outputs near 0: the gradient of a loss far above its prediction is bounded, which a difference would not show.
            network.Parameters[i] *= 0.3f;
        }

        float[] gradient = new float[network.Parameters.Length];
        Run(gradient);

        const float Step = 1e-2f;
        for (int i = 0; i < gradient.Length; i += 1 + (gradient.Length / 100))
        {
            float at = network.Parameters[i];
            network.Parameters[i] = at + Step;
            double above = Run();
            network.Parameters[i] = at - Step;
            double below = Run();
            network.Parameters[i] = at;
            Assert.Equal((above - below) / (2 * Step), gradient[i], 2e-3);
        }

        double Run(float[]? into = null)
        {
            Batch batch = new(network, objective, 64);
            LossTally tally = new(objective);
            batch.Load(set, [.. Enumerable.Range(0, rows)]);
            batch.Forward();
            batch.Score(tally);
            if (into is not null)
            {
                batch.Backward(into);
            }

            return tally.Mean().Total;
        }
    }

    // The loss in double precision, as the formula says it.
    private static double Loss(Network shapes, double[] numbers, RowSet set)
    {
        double sum = 0;
        for (int row = 0; row < set.Rows; row++)
        {
            double[] x = [.. set.Inputs.AsSpan(row * set.Width, set.Width).ToArray()];
            int at = 0;
            for (int layer = 0; layer < shapes.Count; layer++)
            {
                int inputs = shapes.Inputs(layer), outputs = shapes.Outputs(layer), start = at, bias = at + (inputs * outputs);
                double[] y = [.. Enumerable.Range(0, outputs).Select(o => numbers[bias + o] + Enumerable.Range(0, inputs).Sum(i => numbers[start + (o * inputs) + i] * x[i]))];
                x = layer < shapes.Count - 1 ? [.. y.Select(value => Math.Max(value, 0))] : y;
                at = bias + outputs;
            }

            double all = x.Sum(Math.Exp);
            double[] p = [.. x.Select(value => Math.Exp(value) / all)];
            int label = set.Labels[row];
            sum += -Weighted.ClassWeights[label] * Math.Log(p[label]);
            sum += Enumerable.Range(0, 4).Sum(tier => p[tier] * ((Weighted.LatencyWeight * Weighted.Costs[tier]) + (Weighted.Lambda * set.Losses[(row * 4) + tier])));
        }

        return sum / set.Rows;
    }
}
