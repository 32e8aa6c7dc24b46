using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Unit.Policies.Control;

[Trait("Category", "Kernels")]
public sealed class ControllerTests
{
    private static readonly int Features = SaliencyFeatures.All.Count;

    public static TheoryData<int[]> Hidden => new(new[] { 128 }, [128, 128], [1], [5, 3], [1024]);

    [Theory]
    [MemberData(nameof(Hidden))]
    public void Logits_are_those_of_double_precision(int[] hidden)
    {
        Controller controller = Sample.Controller(SaliencyFeatures.All, hidden);
        for (ulong row = 0; row < 50; row++)
        {
            float[] saliency = Sample.Numbers(Features, 1000 + row, 6f);
            float[] logits = new float[4];
            controller.Logits(saliency, logits);

            Assert.All(Reference(controller, saliency).Zip(logits), pair => Assert.Equal(pair.First, pair.Second, 2e-5 * (1 + Math.Abs(pair.First))));
        }
    }

    [Theory]
    [MemberData(nameof(Hidden))]
    public void Vectors_and_single_numbers_give_the_same_bits(int[] hidden)
    {
        Controller controller = Sample.Controller(hidden);
        float[] fast = new float[4];
        float[] slow = new float[4];
        for (ulong row = 0; row < 50; row++)
        {
            float[] saliency = Sample.Numbers(Features, row, 10f);
            controller.Logits(saliency, fast);
            controller.LogitsScalar(saliency, slow);

            Assert.Equal(slow, fast);
        }
    }

    [Fact]
    public void An_unknown_feature_counts_as_its_mean()
    {
        Controller controller = Sample.Controller(128);
        float[] saliency = Sample.Numbers(Features, 3, 4f);
        float[] unknown = [.. saliency];
        saliency[(int)SaliencyFeature.Rarity] = controller.Features[1].Mean;
        unknown[(int)SaliencyFeature.Rarity] = float.NaN;
        float[] a = new float[4];
        float[] b = new float[4];

        controller.Logits(saliency, a);
        controller.Logits(unknown, b);

        Assert.Equal(a, b);
        Assert.All(b, logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void A_price_takes_bits_away_and_a_negative_one_adds_them()
    {
        Controller controller = Sample.Controller(128);
        float[] saliency = Sample.Numbers(Features, 3, 4f);
        float[] logits = new float[4];
        controller.Logits(saliency, logits);
        int[] choices = [.. new[] { -1000, -1, -0.1, 0, 0.1, 1, 1000 }.Select(price => controller.Choose(saliency, price))];

        Assert.Equal(Array.IndexOf(logits, logits.Max()), choices[3]);
        Assert.Equal(choices.OrderDescending(), choices);
        Assert.Equal((3, 0), (choices[0], choices[^1]));
    }

    [Fact]
    public void Choosing_allocates_nothing()
    {
        Controller controller = Sample.Controller(128, 128);
        float[] saliency = Sample.Numbers(Features, 3, 4f);
        controller.Choose(saliency, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            controller.Choose(saliency, i);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>Finite numbers that overflow in a product are no controller: every logit of one that is made is finite, whatever the features are.</summary>
    [Fact]
    public void Numbers_that_overflow_together_are_refused()
    {
        Controller good = Sample.Controller(8, 8);
        DenseLayer[] With(int layer, Func<float[], float[]>? weights = null, Func<float[], float[]>? bias = null) =>
            [.. good.Layers.Select((one, i) => i == layer ? one with { Weights = (weights ?? (w => w))(one.Weights), Bias = (bias ?? (b => b))(one.Bias) } : one)];

        Refused("layer 0, output 0 is not finite after folding", [good.Features[0] with { Deviation = 1e-38f }, .. good.Features.Skip(1)], good.Layers, good.Tiers);
        Refused("layer 0, output 0 is not finite after folding", [good.Features[0] with { Mean = 3e38f, Deviation = 0.1f }, .. good.Features.Skip(1)], good.Layers, good.Tiers);
        Refused("layer 0, output 2 is not finite after folding", good.Features, With(0, weights => [.. weights.Select((weight, i) => i == 8 ? 1e38f : weight)]), good.Tiers);
        Refused("layer 1, output 7 is not finite after folding", good.Features, With(1, bias: bias => [.. bias.SkipLast(1), -3e38f]), good.Tiers);
        Refused("layer 2, output 0 is not finite after folding", good.Features, With(2, weights => [.. weights.Select(weight => weight * 1e30f)]), good.Tiers);
        Refused("at most 64 bits", good.Features, good.Layers, [.. good.Tiers.SkipLast(1), good.Tiers[^1] with { Bits = 1e300 }]);
        foreach ((double lambda, double latency) in new[] { (1e30, 1.0), (double.PositiveInfinity, 1), (1, 1e300), (double.NaN, 0) })
        {
            ArgumentException error = Assert.Throws<ArgumentException>(() => new Controller(
                good.Features, good.Layers, good.Tiers, Sample.Record with { Lambda = lambda, LatencyWeight = latency }));
            Assert.Contains("not finite after folding", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Logits_are_finite_whatever_the_features_are(bool predictsLoss)
    {
        Controller sample = Sample.Controller(SaliencyFeatures.All, 1024, 1024);
        Controller controller = new(sample.Features, sample.Layers, sample.Tiers, sample.Record) { PredictsLoss = predictsLoss };
        foreach (float extreme in new[] { float.MaxValue, float.MinValue, float.Epsilon, float.PositiveInfinity, float.NaN })
        {
            float[] saliency = [.. Enumerable.Range(0, Features).Select(i => i % 2 == 0 ? extreme : -extreme)];
            float[] logits = new float[4];
            controller.Logits(saliency, logits);
            Assert.All(logits, logit => Assert.True(float.IsFinite(logit)));
        }
    }

    [Fact]
    public void Parts_that_do_not_fit_are_refused()
    {
        Controller good = Sample.Controller(8);

        Refused("each once", [good.Features[0], good.Features[0]], good.Layers, good.Tiers);
        Refused("deviation 0", [good.Features[0] with { Deviation = 0 }, .. good.Features.Skip(1)], good.Layers, good.Tiers);
        Refused("layer 0 is 8 x 4", [.. good.Features.Take(3)], good.Layers, good.Tiers);
        Refused("1 to 8 hidden layers", good.Features, [.. good.Layers.Take(1)], good.Tiers);
        Refused("fewest first", good.Features, good.Layers, [.. good.Tiers.Reverse()]);
        Refused("tier '2' costs 0 bits", good.Features, good.Layers, [good.Tiers[0] with { Bits = 0 }, .. good.Tiers.Skip(1)]);
        Refused("2 to 8 tiers", good.Features, good.Layers, [.. good.Tiers.Take(1)]);
    }

    private static void Refused(string problem, IReadOnlyList<FeatureScale> features, IReadOnlyList<DenseLayer> layers, IReadOnlyList<TierCost> tiers) =>
        Assert.Contains(
            problem, Assert.Throws<ArgumentException>(() => new Controller(features, layers, tiers, Sample.Record)).Message, StringComparison.Ordinal);

    private static double[] Reference(Controller controller, float[] saliency)
    {
        double[] x = [.. controller.Features.Select(scale => (saliency[(int)scale.Feature] - (double)scale.Mean) / scale.Deviation)];
        foreach ((int i, DenseLayer layer) in controller.Layers.Index())
        {
            x = [.. Enumerable.Range(0, layer.Outputs).Select(output =>
                layer.Bias[output] + Enumerable.Range(0, layer.Inputs).Sum(input => layer.Weights[(output * layer.Inputs) + input] * x[input]))];
            x = i == controller.Layers.Count - 1 ? x : [.. x.Select(value => Math.Max(value, 0))];
        }

        return x;
    }
}
