using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Inference;

namespace AdaptiveKv.Unit.Evaluation.Perplexity;

/// <summary>
/// What the codes may cost on SmolLM2-135M: int8 arithmetic, two passes, calibrated on other text, the first token at 16 bits. Effective bits are
/// by allocation at the windows' ends, the sink and open units included.
/// </summary>
[Collection(RealModelTests.Name)]
public sealed class CodeDivergenceTests(RealModel real, CodeDivergences codes) : IClassFixture<CodeDivergences>
{
    [Theory]
    [InlineData("8", 0.006, 8.6)]
    [InlineData("4", 0.022, 4.6)]
    [InlineData("3", 0.09, 3.6)]
    [InlineData("2", 0.50, 2.6)]
    [InlineData("k8v4", 0.010, 6.6)]
    public void The_calibrated_code_keeps_to_its_bounds(string tier, double kl, double bits)
    {
        PerplexitySummary summary = codes.Of(real, CacheCode.Calibrated, tier);

        Report(tier, summary);
        Assert.InRange(summary.EffectiveBits, summary.NominalBits, bits);
        Assert.InRange(summary.Divergence!.Kl, 1e-5, kl);
    }

    [Theory]
    [InlineData("4")]
    [InlineData("2")]
    public void Every_part_of_the_code_pays_for_itself(string tier)
    {
        PerplexitySummary[] ordered = [.. Enum.GetValues<CacheCode>().Select(code => codes.Of(real, code, tier))];

        Array.ForEach(ordered, summary => Report(summary.Policy, summary));
        Assert.Equal([CacheCode.Minmax, CacheCode.Hadamard, CacheCode.Calibrated], Enum.GetValues<CacheCode>());
        Assert.All(ordered.Zip(ordered.Skip(1)), pair => Assert.True(pair.First.Divergence!.Kl > 1.3 * pair.Second.Divergence!.Kl));
    }

    private static void Report(string name, PerplexitySummary summary) => TestContext.Current.TestOutputHelper?.WriteLine(
        $"{name}: KL {summary.Divergence!.Kl:F4} +-{summary.Divergence.KlStandardError:F4}, {summary.EffectiveBits:F3} bits, {summary.Tokens} tokens");
}
