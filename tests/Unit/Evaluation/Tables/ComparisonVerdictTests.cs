using AdaptiveKv.Evaluation;
using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Unit.Evaluation.Tables;

public sealed class ComparisonVerdictTests
{
    private static readonly PolicyComparison Comparison = new(3, "learned-3", "random-2.5", 0.08, 3.5, 0.1, 0.002, 3.2, 5, -0.2, -0.25, -0.15, 1e-5)
    {
        RankBalance = -0.8,
        Items = 100,
        ItemsOfHalf = 7,
    };

    [Fact]
    public void A_gain_is_told_with_its_tests_its_figures_and_its_memory() => Assert.Equal(
        "learned-3 beats random-2.5 at 3 bits of coded tokens: its mean KL is 20 % lower (KL 0.0800 against 0.1000; change -20 %, 95 % interval over 100 items -25 to -15 %; "
        + "Wilcoxon's signed ranks p < 0.001; 95 % interval over 5 seeds of chance 0.0975 to 0.1025; of memory it takes 9 % more, 3.50 bits against 3.20)",
        ComparisonVerdict.Of(Comparison));

    [Fact]
    public void In_short_a_controller_is_told_in_a_sentence() => Assert.Equal(
        "In short: with its bits chosen token by token the cache changes the model's predictions 20 % less than with the same 3 bits of coded tokens dealt by chance (random-2.5), in 9 % more memory, "
        + "and 10 % more than with the same 3.5 bits of coded tokens for every token (static-3), in the same memory, and not visibly less than with the same 4 bits of coded tokens for every token (static-k4v3), in 10 % less memory.",
        ComparisonVerdict.InShort(
        [
            Comparison,
            Comparison with { Target = 3.5, Chance = "static-3", Change = 0.1, ChangeLow = 0.05, ChangeHigh = 0.2, RankBalance = 0.5, ChanceBits = 3.5 },
            Comparison with { Target = 4, Chance = "static-k4v3", ChangeHigh = 0.1, ChanceBits = 3.9 },
        ]));

    /// <summary>Every way in which the two tests can agree or not.</summary>
    [Theory]
    [InlineData(-0.3, -0.1, 0.001, -0.5, "beats random-2.5 at 3 bits of coded tokens: its mean KL is 20 % lower (")]
    [InlineData(-0.3, -0.1, 0.2, -0.1, "is not shown to beat random-2.5 at 3 bits of coded tokens: its mean KL is lower, but the items' ranks do not tell the two apart (7 of 100 items carry half of the KL) (")]
    [InlineData(-0.3, 0.1, 0.0001, -0.5, "is not shown to beat random-2.5 at 3 bits of coded tokens: its KL is lower on most items by rank, but the interval of the mean holds 0 % (7 of 100 items carry half of the KL) (")]
    [InlineData(-0.3, -0.1, 0.0001, 0.5, "is not shown to beat random-2.5 at 3 bits of coded tokens: its mean KL is lower, but on most items by rank it is higher (")]
    [InlineData(-0.3, 0.1, 0.4, 0.1, "is not shown to differ from random-2.5 at 3 bits of coded tokens: neither the mean KL nor the items' ranks tell the two apart (")]
    [InlineData(0.1, 0.3, 0.0001, 0.5, "is worse than random-2.5 at 3 bits of coded tokens: its mean KL is 20 % higher (")]
    [InlineData(0.1, 0.3, 0.2, 0.5, "is not shown to be worse than random-2.5 at 3 bits of coded tokens: its mean KL is higher, but the items' ranks")]
    [InlineData(-0.1, 0.3, 0.0001, 0.5, "is not shown to be worse than random-2.5 at 3 bits of coded tokens: its KL is higher on most items by rank, but the interval of the mean holds 0 %")]
    [InlineData(0.1, 0.3, 0.0001, -0.5, "is not shown to be worse than random-2.5 at 3 bits of coded tokens: its mean KL is higher, but on most items by rank it is lower (")]
    public void What_is_not_shown_is_not_claimed_and_why(double low, double high, double p, double balance, string words)
    {
        PolicyComparison other = Comparison with { Change = low > 0 ? 0.2 : -0.2, ChangeLow = low, ChangeHigh = high, PValue = p, RankBalance = balance };

        Assert.StartsWith($"learned-3 {words}", ComparisonVerdict.Of(other), StringComparison.Ordinal);
    }

    [Fact]
    public void Chance_without_a_KL_is_nothing_to_compare_with()
    {
        string text = ComparisonVerdict.Of(Comparison with { ChanceKl = 0, Change = null, ChangeLow = null, ChangeHigh = null, PValue = 1, RankBalance = 0 });

        Assert.StartsWith("learned-3 cannot be compared with random-2.5 at 3 bits of coded tokens: random-2.5 has no KL at all (KL 0.0800 against 0.0000; Wilcoxon's", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_item_has_no_interval() => Assert.Contains(
        "change -20 %, no interval;", ComparisonVerdict.Of(Comparison with { Items = 1, ChangeLow = null, ChangeHigh = null, PValue = 1 }), StringComparison.Ordinal);

    [Theory]
    [InlineData(3.195, "of memory it takes the same, 3.20 bits against 3.20")]
    [InlineData(2.9, "of memory it takes 9 % less, 2.90 bits against 3.20")]
    public void Memory_is_compared_as_allocated(double bits, string words) =>
        Assert.Contains(words, ComparisonVerdict.Of(Comparison with { EffectiveBits = bits }), StringComparison.Ordinal);

    [Fact]
    public void No_seed_interval_of_a_KL_goes_below_zero() => Assert.Contains(
        "95 % interval over 2 seeds of chance 0.0000 to 0.5492", ComparisonVerdict.Of(Comparison with { ChanceKlDeviation = 0.05, Seeds = 2 }), StringComparison.Ordinal);
}
