using AdaptiveKv.Inference.Likelihoods;

namespace AdaptiveKv.Unit.Inference.Likelihoods;

public sealed class ReferencePredictionsTests
{
    private const int Vocabulary = 49152;

    /// <summary>p = (1/4, 3/4), q = (1/2, 1/2): 1/4 log 1/2 + 3/4 log 3/2 = 0.130812035941137.</summary>
    [Fact]
    public void Two_coins()
    {
        ReferencePredictions reference = new(1, 2);
        reference.Store(0, [5, 5 + MathF.Log(3)]);

        Assert.Equal(0.130812035941137, reference.Compare(0, [-7, -7]).Kl, 6);
    }

    /// <summary>From the 8-bit cache's divergence to that of 2 bits, over a real vocabulary, against sums in double precision.</summary>
    [Theory]
    [InlineData(0.02)]
    [InlineData(0.3)]
    [InlineData(3)]
    public void Small_divergences_keep_their_digits(double difference)
    {
        Random random = new(1);
        float[] expected = [.. Enumerable.Range(0, Vocabulary).Select(_ => (float)(8 * (random.NextDouble() - 0.5)))];
        float[] other = [.. expected.Select(logit => logit + 40 + (float)(difference * (random.NextDouble() - 0.5)))];
        ReferencePredictions reference = new(2, Vocabulary);
        reference.Store(1, expected);

        double kl = Plain(expected, other);
        Assert.Equal(kl, reference.Compare(1, other).Kl, (1e-3 * kl) + 1e-6);
        Assert.Equal(0, reference.Compare(1, [.. expected.Select(logit => logit + 3)]).Kl, 2e-6);
    }

    [Fact]
    public void Agreement_is_about_the_likeliest_token()
    {
        ReferencePredictions reference = new(1, 3);
        reference.Store(0, [1, 3, 2]);

        Assert.True(reference.Compare(0, [0, 1, 0]).Agrees);
        Assert.False(reference.Compare(0, [0, 1, 2]).Agrees);
        Assert.Throws<ArithmeticException>(() => reference.Compare(0, [0, float.NaN, 2]));
    }

    private static double Plain(float[] a, float[] b)
    {
        double sumA = a.Sum(x => Math.Exp(x - 50.0));
        double sumB = b.Sum(x => Math.Exp(x - 50.0));
        return a.Zip(b, (x, y) => Math.Exp(x - 50.0) / sumA * (x - (double)y - Math.Log(sumA) + Math.Log(sumB))).Sum();
    }
}
