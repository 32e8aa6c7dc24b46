using AdaptiveKv.Evaluation;

namespace AdaptiveKv.Unit.Evaluation;

public sealed class PolicyComparisonTests
{
    private static readonly PolicyComparison Comparison = new(3, "learned-3", "random-2.5", 0.08, 3.5, 0.1, 0.002, 3.2, 5, -0.2, -0.25, -0.15, 1e-5);

    [Fact]
    public void A_gain_is_told_with_its_figures_and_its_memory() => Assert.Equal(
        "learned-3 beats random-2.5 at 3 bits of coded tokens: its KL is 20 % lower (KL 0.0800 against 0.1000; 95 % interval -25 to -15 %, p < 0.001, 5 seeds of chance with a 95 % "
        + "interval over them of 0.0975 to 0.1025; of memory it takes 9 % more, 3.50 bits against 3.20)",
        Comparison.Text());

    /// <summary>A gain needs both: an interval that leaves zero out, and p below 0.01.</summary>
    [Theory]
    [InlineData(-0.05, 1e-5, "is not shown to beat random-2.5 at 3 bits of coded tokens (KL")]
    [InlineData(-0.25, 0.02, "is not shown to beat random-2.5")]
    [InlineData(0.1, 0.02, "is worse than random-2.5 at 3 bits of coded tokens: its KL is 20 % higher")]
    public void What_is_not_shown_is_not_claimed(double low, double p, string words)
    {
        PolicyComparison other = Comparison with { Change = low > 0 ? 0.2 : -0.1, ChangeLow = low, ChangeHigh = low > 0 || p < 0.01 ? 0.3 : -0.05, PValue = p };

        Assert.Contains(words, other.Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3.195, "of memory it takes the same, 3.20 bits against 3.20")]
    [InlineData(2.9, "of memory it takes 9 % less, 2.90 bits against 3.20")]
    public void Memory_is_compared_as_allocated(double bits, string words) => Assert.Contains(words, (Comparison with { EffectiveBits = bits }).Text(), StringComparison.Ordinal);
}
