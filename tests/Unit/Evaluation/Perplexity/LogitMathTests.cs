using AdaptiveKv.Evaluation.Perplexity;

namespace AdaptiveKv.Unit.Evaluation.Perplexity;

public sealed class LogitMathTests
{
    /// <summary>log(e^1 + e^2 + e^3) = 3.40760596444438.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(-1000)]
    public void Log_sum_exp_does_not_overflow(float shift) =>
        Assert.Equal(3.40760596444438 + shift, new LogitMath(3).LogSumExp([1 + shift, 2 + shift, 3 + shift]), 11);

    /// <summary>p = (1/4, 3/4), q = (1/2, 1/2): 1/4 log 1/2 + 3/4 log 3/2 = 0.130812035941137.</summary>
    [Fact]
    public void The_divergence_of_two_coins() => Assert.Equal(0.130812035941137, Divergence([0, MathF.Log(3)], [7, 7]), 7);

    [Fact]
    public void Equal_distributions_do_not_diverge()
    {
        float[] logits = Noise(49152, 1, 5);

        Assert.Equal(0, Divergence(logits, logits));
        Assert.Equal(0, Divergence(logits, [.. logits.Select(logit => logit + 2)]), 6);
    }

    /// <summary>A real vocabulary with differences as small as those of an 8-bit cache.</summary>
    [Theory]
    [InlineData(1e-3)]
    [InlineData(0.1)]
    [InlineData(3)]
    public void Divergences_agree_with_plain_sums(double difference)
    {
        float[] reference = Noise(49152, 1, 4);
        float[] noise = Noise(49152, 2, 1);
        float[] logits = [.. reference.Zip(noise, (logit, change) => logit + (float)(difference * change))];

        double expected = PlainDivergence(reference, logits);
        Assert.Equal(expected, Divergence(reference, logits), (1e-9 * expected) + 1e-14);
        Assert.True(expected > 0);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Broken_logits_show(float broken) => Assert.False(double.IsFinite(new LogitMath(3).LogSumExp([1, broken, 2])));

    private static double Divergence(float[] reference, float[] logits)
    {
        var math = new LogitMath(reference.Length);
        return math.Divergence(reference, math.LogSumExp(reference), logits, math.LogSumExp(logits));
    }

    private static double PlainDivergence(float[] reference, float[] logits)
    {
        double referenceSum = reference.Sum(logit => Math.Exp(logit));
        double sum = logits.Sum(logit => Math.Exp(logit));
        double change = Math.Log(sum / referenceSum);
        return reference.Zip(logits, (p, q) => Math.Exp(p) / referenceSum * ((double)p - q + change)).Sum();
    }

    private static float[] Noise(int length, int seed, double scale)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)(scale * ((2 * random.NextDouble()) - 1)))];
    }
}
