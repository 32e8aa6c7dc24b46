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

    [Fact]
    public void Parts_that_do_not_fit_are_refused()
    {
        Controller good = Sample.Controller(8);

        Refused("each once", [good.Features[0], good.Features[0]], good.Layers, good.Tiers);
        Refused("deviation 0", [good.Features[0] with { Deviation = 0 }, .. good.Features.Skip(1)], good.Layers, good.Tiers);
        Refused("layer 0 is 8 x 4", [.. good.Features.Take(3)], good.Layers, good.Tiers);
        Refused("1 or 2 hidden layers", good.Features, [.. good.Layers.Take(1)], good.Tiers);
        Refused("fewest first", good.Features, good.Layers, [.. good.Tiers.Reverse()]);
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
