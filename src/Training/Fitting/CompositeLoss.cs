using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Policies.Control;
using TorchSharp;
using static AdaptiveKv.Torch.TorchNumbers;
using static TorchSharp.torch;

namespace AdaptiveKv.Training.Fitting;

/// <summary>What networks minimise, each with its own weights, and the terms of it: see <see cref="Objective"/>.</summary>
internal sealed class CompositeLoss : IDisposable
{
    /// <summary>What loses nothing counts as losing this: the deviance needs a logarithm.</summary>
    public const double LeastLoss = 1e-5;

    // How hard a loss far above what is expected of it may pull: single tokens lose thousands of times the mean.
    private const double MostPull = 20;

    private static readonly Scalar Least = LeastLoss.ToScalar();
    private static readonly Scalar Pull = (-MostPull).ToScalar();
    private static readonly Scalar Rest = (MostPull + 1).ToScalar();
    private static readonly Scalar Offset = (1 + Math.Log(MostPull + 1)).ToScalar();
    private static readonly Scalar Bend = Math.Log(MostPull + 1).ToScalar();
    private static readonly Scalar Most = LossHead.Most.ToScalar();

    private const int TermCount = 5;

    private readonly IReadOnlyList<Objective> objectives;
    private readonly bool predictsLoss;
    private readonly Scalar tierShare;
    private readonly Tensor costs;
    private readonly Tensor latencyWeights;
    private readonly Tensor lambdas;

    /// <param name="objectives">By network; they differ in their weights only.</param>
    /// <param name="device">Where the networks are.</param>
    public CompositeLoss(IReadOnlyList<Objective> objectives, Device device)
    {
        (this.objectives, predictsLoss) = (objectives, objectives[0].PredictsLoss);
        tierShare = (1.0 / objectives[0].Costs.Length).ToScalar();
        using DisposeScope scope = NewDisposeScope();
        costs = tensor(objectives[0].Costs, device: device).DetachFromDisposeScope();
        latencyWeights = Weights(objective => objective.LatencyWeight);
        lambdas = Weights(objective => objective.Lambda);

        Tensor Weights(Func<Objective, double> weight) =>
            tensor([.. objectives.Select(objective => (float)weight(objective))], [objectives.Count, 1, 1], device: device).DetachFromDisposeScope();
    }

    /// <summary>What the loss needs of rows and no network changes, so that it is made once for many batches: what each tier costs and loses with its weights, or
    /// where the deviance goes on in a straight line.</summary>
    /// <param name="rows">The rows.</param>
    /// <returns>[runs, rows, tiers].</returns>
    public Tensor Prepare(DeviceBatch rows) => predictsLoss
        ? rows.Losses.clamp_min(Least).log_().sub_(Bend)
        : (latencyWeights * costs).add(lambdas * rows.Losses, One);

    /// <summary>What is minimised: the sum over the networks of their means over the rows, so that each gets the gradient of its own mean.</summary>
    /// <param name="z">The last layer's numbers, [runs, rows, tiers].</param>
    /// <param name="labels">Of the rows, as in <see cref="DeviceBatch"/>.</param>
    /// <param name="prepared">What <see cref="Prepare"/> makes of them.</param>
    /// <returns>A scalar.</returns>
    public Tensor Of(Tensor z, Tensor labels, Tensor prepared)
    {
        using Scalar share = (1.0 / (predictsLoss ? z.shape[1] * z.shape[2] : z.shape[1])).ToScalar();
        if (predictsLoss)
        {
            return BoundedDeviance(z, prepared).sum().mul(share);
        }

        Tensor logP = z.log_softmax(2);
        return ((logP.exp() * prepared) - (labels * logP)).sum().mul(share);
    }

    /// <summary>The terms summed over rows.</summary>
    /// <param name="z">The last layer's numbers, [runs, rows, tiers].</param>
    /// <param name="rows">The rows.</param>
    /// <param name="prepared">What <see cref="Prepare"/> makes of them.</param>
    /// <returns>Float64 [runs, 5], as <see cref="Terms"/> takes them.</returns>
    public Tensor SumTerms(Tensor z, DeviceBatch rows, Tensor prepared)
    {
        Tensor logits = predictsLoss ? Logits(z) : z;
        Tensor logP = logits.log_softmax(2);
        Tensor p = logP.exp();
        Tensor crossEntropy = Sum(rows.Labels * logP).neg_();
        Tensor latency = Sum(p * costs);
        Tensor loss = Sum(p * rows.Losses);
        Tensor correct = Sum(rows.Labels.gather(2, logits.argmax(2, keepdim: true)).sign());
        Tensor deviance = predictsLoss ? Sum(Deviance(z, rows.Losses, prepared)) : zeros_like(correct);
        return stack([crossEntropy, latency, loss, correct, deviance], 1);

        static Tensor Sum(Tensor each) => each.sum([1, 2], type: ScalarType.Float64);
    }

    /// <summary>Sums to add to: zeros of float64 [runs, 5].</summary>
    public Tensor NoSums() => zeros(objectives.Count, TermCount, ScalarType.Float64, costs.device);

    /// <summary>Adds up over batches.</summary>
    public static void Add(Tensor sums, Tensor more) => sums.add_(more, One);

    /// <summary>Means over rows.</summary>
    /// <param name="sums">Float64 [runs, 5].</param>
    /// <param name="rows">How many.</param>
    public LossTerms[] Terms(Tensor sums, int rows) =>
        [.. sums.cpu().data<double>().ToArray().Select(sum => sum / rows).Chunk(TermCount).Zip(objectives, (term, objective) => new LossTerms(
            term[0], term[1], term[2], predictsLoss ? term[4] : term[0] + (objective.LatencyWeight * term[1]) + (objective.Lambda * term[2]), term[3]))];

    public void Dispose()
    {
        costs.Dispose();
        latencyWeights.Dispose();
        lambdas.Dispose();
    }

    private Tensor Logits(Tensor z) => -(lambdas * z.clamp_max(Most).exp()).add(latencyWeights * costs, One);

    // Of each tier a part of loss / e^z - 1 - ln(loss / e^z), whose mean is the deviance of gamma-distributed losses: 0 where each is what is expected of it.
    private Tensor Deviance(Tensor z, Tensor losses, Tensor bend) =>
        ((losses.clamp_min(Least) * (-z).exp()) - bend).add_(z, One).sub_(Offset).mul_(tierShare);

    // The same less what does not hang on z, going on in a straight line where its slope would exceed the most: loss / e^b + b - most (z - b) with b = max(z, bend), the bend where
    // the slope is the most. There loss / e^bend is most + 1: with z = bend + d and u = max(d, 0) all that is left is (most + 1)(e^-u + u) - most d.
    private static Tensor BoundedDeviance(Tensor z, Tensor bend)
    {
        Tensor d = z - bend;
        Tensor u = d.relu();
        return (-u).exp().add(u, One).mul(Rest).add(d, Pull);
    }
}
