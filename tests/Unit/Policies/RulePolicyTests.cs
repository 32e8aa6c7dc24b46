using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Unit.Policies;

public sealed class RulePolicyTests
{
    [Theory]
    [InlineData(0f, 2)]
    [InlineData(0.8999f, 2)]
    [InlineData(0.9f, 4)]
    [InlineData(2.6f, 8)]
    [InlineData(float.NaN, 8)]
    public void Larger_values_get_more_bits(float entropy, int bits)
    {
        PrecisionPolicy policy = PolicyCatalog.ParseOne("rule-entropy-2-0.9-4-2.5-8");
        float[] saliency = new float[SaliencyFeatures.All.Count];
        saliency[(int)SaliencyFeature.Entropy] = entropy;

        Assert.Equal([SaliencyFeature.Entropy], policy.Features);
        Assert.Equal(KvTier.Of((BitWidth)bits), policy.Choose(new TokenView(5, saliency, (_, _) => default)));
    }

    [Theory]
    [InlineData("rule-entropi-2-0.9-4", "did you mean 'entropy'?")]
    [InlineData("rule-entropy-2-0.9", "bits and rising thresholds in turn")]
    [InlineData("rule-entropy-2", "bits and rising thresholds in turn")]
    [InlineData("rule-entropy-2-0.9-4-0.5-8", "bits and rising thresholds in turn")]
    [InlineData("rule-entropy-5-0.9-4", "'5' is none of 0, 2, 3, 4, 8, 16 bits")]
    [InlineData("rule-entropy-2-x-4", "'x' is no threshold")]
    public void A_mistake_is_named(string name, string words) =>
        Assert.Contains(words, Assert.Throws<FormatException>(() => PolicyCatalog.ParseOne(name)).Message, StringComparison.Ordinal);
}
