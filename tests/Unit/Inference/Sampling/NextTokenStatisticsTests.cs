using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Unit.Inference.Sampling;

[Trait("Category", "Kernels")]
public sealed class NextTokenStatisticsTests
{
    [Theory]
    [MemberData(nameof(Logits.Rows), MemberType = typeof(Logits))]
    public void Agrees_with_double_precision(float[] logits)
    {
        NextTokenStatistics statistics = NextTokenStatistics.Of(logits);
        Assert.Equal(Logits.Entropy(logits), statistics.Entropy, 5e-6);
        Assert.Equal(Logits.LogSumExp(logits), statistics.LogSumExp, 5e-6);
        Assert.Equal(Logits.Probabilities(logits).Max(), statistics.TopProbability, 2e-6);
        Assert.Equal(Array.IndexOf(logits, logits.Max()), statistics.TopToken);
    }

    [Fact]
    public void Certain_and_uniform_distributions_are_exact()
    {
        float[] certain = [.. Enumerable.Repeat(float.NegativeInfinity, 100)];
        certain[42] = -3.5f;
        Assert.Equal(new NextTokenStatistics(0, -3.5, 1, 42), NextTokenStatistics.Of(certain));
        Assert.Equal(Math.Log(49_152), NextTokenStatistics.Of(new float[49_152]).Entropy, 1e-12);
    }

    [Fact]
    public void The_lowest_of_equal_tokens_is_the_top() => Assert.All(Enumerable.Range(0, 40), first =>
    {
        float[] logits = Logits.Normal(41, 1);
        logits[first] = logits[40] = 99;
        Assert.Equal(first, NextTokenStatistics.Of(logits).TopToken);
    });

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_logit_that_is_no_number_is_an_error_wherever_it_is(float value) => Assert.All(Enumerable.Range(0, 27), at =>
    {
        float[] logits = new float[27];
        logits[at] = value;
        ArithmeticException error = Assert.Throws<ArithmeticException>(() => NextTokenStatistics.Of(logits));
        Assert.StartsWith(FormattableString.Invariant($"the logit of token {at} is {value}:"), error.Message);
        Assert.Throws<ArithmeticException>(() => LogProbabilities.Of(logits, 0));
        Assert.Throws<ArithmeticException>(() => new Sampler(new SamplingOptions { Temperature = 1 }, 27).Next(logits, out _));
    });

    [Fact]
    public void No_logit_at_all_is_an_error()
    {
        Assert.Throws<ArithmeticException>(() => NextTokenStatistics.Of([float.NegativeInfinity, float.NegativeInfinity]));
        Assert.Throws<ArithmeticException>(() => NextTokenStatistics.Of([]));
    }
}
