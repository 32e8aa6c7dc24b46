using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Unit.Policies.Control;

public sealed class BudgetCurveTests
{
    private static readonly double[] Bits = [2.5, 4.5, 8.5, 16];

    [Fact]
    public void A_price_leads_to_the_bits_it_was_asked_for()
    {
        float[] logits = Sample.Numbers(4 * 20_000, 5, 3f);
        BudgetCurve curve = BudgetCurve.Of(logits, Bits);

        Assert.InRange(curve.Prices.Count, 60, 65);
        foreach (double target in new[] { 2.6, 3.0, 3.5, 4.5, 6, 10, 15 })
        {
            Assert.Equal(target, MeanBits(logits, curve.PriceOf(target)), 0.03 * target);
        }

        Assert.All(curve.Prices.Zip(curve.Bits), point => Assert.Equal(point.Second, MeanBits(logits, point.First), 1e-9));
    }

    /// <summary>Steps in shares cannot begin at nothing.</summary>
    [Fact]
    public void A_curve_that_begins_with_dropped_tokens_tells_all_bits_apart()
    {
        double[] bits = [0, 2.25, 4.25, 8.25];
        float[] logits = Sample.Numbers(4 * 20_000, 5, 3f);
        BudgetCurve curve = BudgetCurve.Of(logits, bits);

        Assert.InRange(curve.Prices.Count, 55, 65);
        Assert.Equal((8.25, 0), (curve.Bits[0], curve.Bits[^1]));
        Assert.All((double[])[0.3, 0.5, 1, 1.5, 2.25, 3, 5, 8], target => Assert.Equal(target, MeanBits(logits, curve.PriceOf(target), bits), 0.04 * target));
    }

    [Fact]
    public void The_ends_are_all_tokens_at_one_tier()
    {
        BudgetCurve curve = BudgetCurve.Of([1, 2, 0, 0, 3, 2, 1, 0], Bits);

        Assert.Equal((16, 2.5), (curve.Bits[0], curve.Bits[^1]), EqualityComparer<(double, double)>.Create((a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-9));
        Assert.Equal(curve.Prices[0], curve.PriceOf(curve.Bits[0]), 1e-9);
        Assert.Equal(curve.Prices[^1], curve.PriceOf(2.5), 1e-9);
    }

    [Theory]
    [InlineData(2.4)]
    [InlineData(16.1)]
    [InlineData(double.NaN)]
    public void Bits_that_no_tier_has_are_refused(double target) => Assert.Contains(
        "take 2.5 to 16 effective bits",
        Assert.Throws<ArgumentException>(() => BudgetCurve.Of([1, 2, 0, 0, 3, 2, 1, 0], Bits).PriceOf(target)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Lists_that_are_no_curve_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new BudgetCurve([0], [4]));
        Assert.Throws<ArgumentException>(() => new BudgetCurve([0, 1], [4, 4]));
        Assert.Throws<ArgumentException>(() => new BudgetCurve([1, 0], [4, 3]));
        Assert.Throws<ArgumentException>(() => new BudgetCurve([0, double.PositiveInfinity], [4, 3]));
        Assert.Throws<ArgumentException>(() => new BudgetCurve([0, 1e300], [4, 3]));
        Assert.Throws<ArgumentException>(() => new BudgetCurve([-1e30, 1e30], [4 + 1e-15, 4]));
    }

    private static double MeanBits(float[] logits, double price, double[]? bits = null)
    {
        bits ??= Bits;
        return logits.Chunk(4).Average(row => bits[Enumerable.Range(0, 4).MaxBy(tier => row[tier] - (price * bits[tier]))]);
    }
}
