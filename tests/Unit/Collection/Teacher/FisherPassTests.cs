using AdaptiveKv.Collection.Teacher;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference;
using TorchSharp;

namespace AdaptiveKv.Unit.Collection.Teacher;

/// <summary>Gradients of the teacher on the micro model against differences of its logits.</summary>
public sealed class FisherPassTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private const int Length = 48;
    private const float Step = 0.02f;

    private static readonly CounterRandom Random = new(5);

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void Gradients_are_finite_differences(int counted)
    {
        using TorchLlama teacher = TeacherModel.Open(SharedFiles.MicroModel);
        int[] tokens = micro.Tokens(Length);
        int[] drawn = Drawn(teacher, tokens);
        foreach ((int layer, (float[] keys, float[] values)) in Gradients(teacher, tokens, samples: 1, counted).Select(all => all[0]).Index())
        {
            Check(keys, shift => new KvShift(shift, torch.zeros_like(shift)), "keys");
            Check(values, shift => new KvShift(torch.zeros_like(shift), shift), "values");

            void Check(float[] gradient, Func<torch.Tensor, KvShift> side, string what)
            {
                double length = Math.Sqrt(gradient.Sum(x => (double)x * x));
                double steepest = Slope([.. gradient.Select(x => (float)(x / length))]);
                float[] random = [.. gradient.Select((_, i) => (float)(Random.Uniform((ulong)i, 9) - 0.5))];
                double along = gradient.Zip(random, (g, d) => (double)g * d).Sum();
                TestContext.Current.TestOutputHelper?.WriteLine($"layer {layer}, {what}: |g| {length:G5}, slope {steepest:G5}; {along:G5}, {Slope(random):G5}");
                Assert.InRange(steepest, 0.98 * length, 1.02 * length);
                Assert.InRange(Slope(random), along - (0.03 * length), along + (0.03 * length));

                double Slope(float[] direction) => (Likelihood(direction, Step) - Likelihood(direction, -Step)) / (2 * Step);

                double Likelihood(float[] direction, float step)
                {
                    using DisposeScope scope = torch.NewDisposeScope();
                    KvShift shift = side(torch.tensor([.. direction.Select(x => x * step)]).view(teacher.Shape.KvHeads, tokens.Length, teacher.Shape.HeadDim));
                    float[][] logits = teacher.Read(tokens, at => at == layer ? shift : null);
                    return logits.Zip(drawn, (row, token) => LogProbabilities.Of(row, token)).Skip(counted).Sum();
                }
            }
        }
    }

    [Fact]
    public void A_token_that_nothing_follows_costs_nothing()
    {
        using TorchLlama teacher = TeacherModel.Open(SharedFiles.MicroModel);
        int row = teacher.Shape.HeadDim;
        foreach ((float[] keys, float[] values) in Gradients(teacher, micro.Tokens(Length), samples: 2).SelectMany(layer => layer))
        {
            for (int head = 0; head < teacher.Shape.KvHeads; head++)
            {
                int last = ((head * Length) + Length - 1) * row;
                Assert.All(keys[last..(last + row)].Concat(values[last..(last + row)]), gradient => Assert.Equal(0f, gradient));
                Assert.Contains(keys[(last - row)..last], gradient => gradient != 0f);
            }
        }
    }

    /// <summary>E[(g.d)^2] / 2 is the KL that a small change costs, summed over all later predictions.</summary>
    [Fact]
    public void The_squares_are_the_divergence_of_small_changes()
    {
        const int Samples = 256;
        using TorchLlama teacher = TeacherModel.Open(SharedFiles.MicroModel);
        int[] tokens = micro.Tokens(Length);
        float[] change = [.. Enumerable.Range(0, teacher.Shape.KvHeads * Length * teacher.Shape.HeadDim).Select(i => (float)(0.1 * (Random.Uniform((ulong)i, 7) - 0.5)))];
        float[][] before = teacher.Read(tokens);
        using torch.Tensor values = torch.tensor(change).view(teacher.Shape.KvHeads, Length, teacher.Shape.HeadDim), keys = torch.zeros_like(values);

        float[][] after = teacher.Read(tokens, layer => layer == 1 ? new KvShift(keys, values) : null);
        double divergence = before.Zip(after, (p, q) => Enumerable.Range(0, p.Length).Sum(token => Math.Exp(LogProbabilities.Of(p, token)) * (LogProbabilities.Of(p, token) - LogProbabilities.Of(q, token)))).Sum();
        double expected = Gradients(teacher, tokens, Samples)[1].Average(sample => Math.Pow(sample.Values.Zip(change, (g, d) => (double)g * d).Sum(), 2)) / 2;

        // The mean of 256 squares of a normal number is known to a tenth of itself, and the second order is not all.
        TestContext.Current.TestOutputHelper?.WriteLine($"{divergence:G4} nats, {expected:G4} expected");
        Assert.InRange(expected, 0.65 * divergence, 1.5 * divergence);
    }

    [Fact]
    public void The_same_numbers_come_again()
    {
        using TorchLlama teacher = TeacherModel.Open(SharedFiles.MicroModel);
        int[] tokens = micro.Tokens(Length);

        float[] All() => [.. Gradients(teacher, tokens, 2).SelectMany(layer => layer.SelectMany(sample => sample.Keys.Concat(sample.Values)))];

        Assert.Equal(All(), All());
    }

    // By layer and sample.
    private static (float[] Keys, float[] Values)[][] Gradients(TorchLlama teacher, int[] tokens, int samples, int counted = 0)
    {
        (float[], float[])[][] found = new (float[], float[])[teacher.Shape.Layers][];
        new FisherPass(teacher).Run(
            tokens,
            counted,
            samples,
            Random,
            (layer, _, gradients) => found[layer] = [.. gradients.Select(own => (Numbers(own.Keys), Numbers(own.Values)))],
            TestContext.Current.CancellationToken);
        return found;
    }

    // What the pass draws for its first sample.
    private static int[] Drawn(TorchLlama teacher, int[] tokens) =>
    [
        .. teacher.Read(tokens).Select((logits, position) =>
        {
            double sum = 0, wanted = Random.Uniform((ulong)position);
            return Enumerable.Range(0, logits.Length - 1).TakeWhile(token => (sum += Math.Exp(LogProbabilities.Of(logits, token))) <= wanted).Count();
        }),
    ];

    private static float[] Numbers(torch.Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
