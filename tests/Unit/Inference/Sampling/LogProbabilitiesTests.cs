using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Unit.Inference.Sampling;

[Trait("Category", "Kernels")]
public sealed class LogProbabilitiesTests
{
    [Theory]
    [MemberData(nameof(Logits.Rows), MemberType = typeof(Logits))]
    public void Agrees_with_double_precision(float[] logits)
    {
        double logSumExp = Logits.LogSumExp(logits);
        foreach (int token in (int[])[0, logits.Length / 2, logits.Length - 1])
        {
            double expected = logits[token] - logSumExp;
            Assert.True(double.IsNegativeInfinity(expected)
                ? double.IsNegativeInfinity(LogProbabilities.Of(logits, token))
                : Math.Abs(expected - LogProbabilities.Of(logits, token)) < 5e-6);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void Ids_out_of_range_are_refused(int token) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LogProbabilities.Of([1, 2, 3], token));

    [Fact]
    public void Allocates_nothing()
    {
        float[] logits = Logits.Normal(1000, 3);
        LogProbabilities.Of(logits, 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        LogProbabilities.Of(logits, 2);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
