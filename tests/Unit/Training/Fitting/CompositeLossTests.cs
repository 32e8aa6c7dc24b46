using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Files;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Unit.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace AdaptiveKv.Unit.Training.Fitting;

/// <summary>The loss of a small network and its gradient, against the formula in double precision.</summary>
public sealed class CompositeLossTests
{
    private const double MostPull = 20;
    private static readonly Objective Weighted = SampleRows.Objective with { ClassWeights = [0.5f, 1f, 1.5f, 2f] };
    private static readonly Objective Predicting = Weighted with { PredictsLoss = true };

    [Theory]
    [InlineData(50, 16)]
    [InlineData(64, 8, 6)]
    [InlineData(3, 128)]
    [InlineData(20, 5, 4, 3, 6)]
    public void Gradients_are_those_of_finite_differences(int rows, params int[] hidden) =>
        Compare(SampleRows.Of(rows), Start(hidden, 1f), Weighted, (z, set, row) => Composite(z, set, row));

    [Theory]
    [InlineData(50, 16)]
    [InlineData(40, 8, 8)]
    [InlineData(3, 128)]
    public void Gradients_of_predicted_losses_are_those_of_their_deviance(int rows, params int[] hidden)
    {
        // Some rows lose nothing, and some far more than is expected of them: there the gradient is bounded.
        RowSet set = SampleRows.Of(rows);
        set = set with { Losses = [.. set.Losses.Select((loss, i) => (0.3f * loss) + (i % 7 == 0 ? 90f : 0f))] };

        Compare(set, Start(hidden, 0.5f), Predicting, Deviance);
    }

    [Fact]
    public void Each_network_of_a_stack_has_its_own_loss_and_gradient()
    {
        TorchHere.Require();
        Objective[] objectives = [Weighted, Weighted with { Lambda = 5, LatencyWeight = 0 }, Weighted with { Lambda = 0, LatencyWeight = 3 }];
        Network[] networks = [.. Enumerable.Range(0, 3).Select(seed => Start([7], 1f, (ulong)seed))];
        RowSet set = SampleRows.Of(40);

        (float[][] together, LossTerms[] terms) = Gradients(networks, set, objectives);

        for (int i = 0; i < networks.Length; i++)
        {
            (float[][] alone, LossTerms[] own) = Gradients([networks[i]], set, [objectives[i]]);
            Assert.Equal(own[0].Total, terms[i].Total, 1e-6);
            Assert.All(alone[0].Zip(together[i]), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        }
    }

    private static void Compare(RowSet set, Network network, Objective objective, Func<double[], RowSet, int, double> formula)
    {
        TorchHere.Require();
        (float[][] gradients, LossTerms[] terms) = Gradients([network], set, [objective]);
        float[] gradient = gradients[0];

        double[] exact = [.. network.Parameters];
        if (!objective.PredictsLoss)
        {
            Assert.Equal(Loss(exact), terms[0].Total, 1e-6);
            Assert.Equal(terms[0].CrossEntropy + (objective.LatencyWeight * terms[0].Latency) + (objective.Lambda * terms[0].Accuracy), terms[0].Total, 1e-12);
        }

        const double Step = 1e-6;
        for (int i = 0; i < exact.Length; i += 1 + (exact.Length / 200))
        {
            double at = exact[i];
            exact[i] = at + Step;
            double above = Loss(exact);
            exact[i] = at - Step;
            double below = Loss(exact);
            exact[i] = at;
            Assert.Equal((above - below) / (2 * Step), gradient[i], 3e-6 * Math.Max(1, Math.Abs(gradient[i])));
        }

        double Loss(double[] numbers) => Enumerable.Range(0, set.Rows).Average(row => formula(Outputs(network, numbers, set, row), set, row));
    }

    private static double Composite(double[] z, RowSet set, int row)
    {
        double all = z.Sum(Math.Exp);
        double[] p = [.. z.Select(value => Math.Exp(value) / all)];
        int label = set.Labels[row];
        return (-Weighted.ClassWeights[label] * Math.Log(p[label]))
            + Enumerable.Range(0, 4).Sum(tier => p[tier] * ((Weighted.LatencyWeight * Weighted.Costs[tier]) + (Weighted.Lambda * set.Losses[(row * 4) + tier])));
    }

    // Of gamma-distributed losses; a straight line from where its slope would be the steepest that is allowed.
    private static double Deviance(double[] z, RowSet set, int row) => z.Index().Average(tier =>
    {
        double loss = Math.Max(set.Losses[(row * 4) + tier.Index], 1e-5f);
        double bend = Math.Log(loss / (MostPull + 1));
        return tier.Item >= bend ? (loss * Math.Exp(-tier.Item)) + tier.Item : MostPull + 1 + bend - (MostPull * (tier.Item - bend));
    });

    private static double[] Outputs(Network shapes, double[] numbers, RowSet set, int row)
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

        return x;
    }

    private static (float[][] Gradients, LossTerms[] Terms) Gradients(Network[] networks, RowSet set, Objective[] objectives)
    {
        using DisposeScope scope = NewDisposeScope();
        using NetworkStack stack = new(networks, CPU);
        using CompositeLoss loss = new(objectives, CPU);
        using DeviceRows rows = new(set, objectives[0].ClassWeights, CPU);
        DeviceBatch batch = rows.Slice(0, set.Rows, networks.Length);
        Tensor z = stack.Forward(batch.Inputs);
        Tensor prepared = loss.Prepare(batch);
        loss.Of(z, batch.Labels, prepared).backward();
        return ([.. stack.ByNetwork(stack.Gradient)], loss.Terms(loss.SumTerms(z.detach(), batch, prepared), set.Rows));
    }

    private static Network Start(int[] hidden, float size, ulong seed = 3)
    {
        Network network = new([4, .. hidden, 4]);
        network.Start(new CounterRandom(seed));
        for (int i = 0; i < network.Parameters.Length; i++)
        {
            network.Parameters[i] *= size;
        }

        return network;
    }
}
