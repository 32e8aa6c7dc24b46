using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Unit.Inference.Sampling;

[Trait("Category", "Kernels")]
public sealed class ExponentialsTests
{
    [Theory]
    [MemberData(nameof(Logits.Rows), MemberType = typeof(Logits))]
    public void Vector_and_scalar_agree_with_double_precision(float[] logits)
    {
        float maximum = logits.Max();
        float[] row = logits[..Math.Min(logits.Length, 512)], vector = new float[row.Length], wide = new float[row.Length], narrow = new float[row.Length], scalar = new float[row.Length];
        double[] exact = [.. row.Select(logit => Math.Exp((double)(logit - maximum) * 0.7f))];
        double weighted = exact.Zip(row, (e, logit) => e == 0 ? 0 : e * (logit - maximum) * 0.7f).Sum();
        foreach ((float[] kept, (double Sum, double Weighted) got) in ((float[], (double, double))[])
        [
            (vector, Exponentials.BlockVector(row, maximum, 0.7f, vector)),
            (wide, Exponentials.BlockWide(row, maximum, 0.7f, wide)),
            (narrow, Exponentials.BlockNarrow(row, maximum, 0.7f, narrow)),
            (scalar, Exponentials.BlockScalar(row, maximum, 0.7f, scalar)),
        ])
        {
            Assert.Equal(exact.Sum(), got.Sum, 2e-6 * exact.Sum());
            Assert.Equal(weighted, got.Weighted, 2e-6 * (Math.Abs(weighted) + exact.Sum()));
            Assert.All(kept, (e, i) => Assert.Equal(exact[i], e, (1e-5 * exact[i]) + 2e-38));
        }
    }

    [Fact]
    public void Every_exponential_is_within_three_parts_in_ten_million()
    {
        float[] logits = [.. Enumerable.Range(0, 1_000_000).Select(i => -87.29f * (i / 999_999f))], kept = new float[logits.Length];
        Exponentials.Sums(logits, maximum: 0, scale: 1, kept);
        double worst = logits.Zip(kept, (d, e) => Math.Abs((e / Math.Exp(d)) - 1)).Max();
        Assert.InRange(worst, 0, 3e-7);
        Assert.Equal(1, kept[0]);
    }

    [Fact]
    public void Ruled_out_and_hopeless_tokens_get_exactly_zero()
    {
        float[] logits = [0, float.NegativeInfinity, -88, -87, float.MinValue, 0, 0, 0, float.NegativeInfinity], kept = new float[9];
        (double sum, double weighted) = Exponentials.Sums(logits, 0, 1, kept);
        Assert.Equal([1f, 0, 0, kept[3], 0, 1, 1, 1, 0], kept);
        Assert.Equal((4.0, 0.0), (sum, Math.Round(weighted, 12)));
    }
}
