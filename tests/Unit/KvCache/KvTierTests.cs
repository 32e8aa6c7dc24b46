using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.KvCache;

public sealed class KvTierTests
{
    [Fact]
    public void Every_pair_of_widths_has_its_own_index_and_name()
    {
        Assert.Equal(Enumerable.Range(0, KvTier.Count), KvTier.All.Select(tier => tier.Index));
        Assert.All(KvTier.All, tier => Assert.True(KvTier.TryParse(tier.ToString(), out KvTier same) && same == tier));
        Assert.False(KvTier.TryParse("k4v4", out _) || KvTier.TryParse("5", out _) || KvTier.TryParse("k0v4", out _));
        Assert.Equal(("4", "k8v4", "0"), (KvTier.Of(BitWidth.Four).ToString(), new KvTier(BitWidth.Eight, BitWidth.Four).ToString(), KvTier.Dropped.ToString()));
    }

    [Theory]
    [InlineData(BitWidth.Zero, BitWidth.Four)]
    [InlineData(BitWidth.Four, BitWidth.Zero)]
    public void Keys_are_not_dropped_without_values(BitWidth keys, BitWidth values) =>
        Assert.Contains("0 for keys and values both", Assert.Throws<ArgumentOutOfRangeException>(() => new KvTier(keys, values).Index).Message, StringComparison.Ordinal);

    [Fact]
    public void A_width_that_does_not_exist_has_no_index() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new KvTier(BitWidth.Four, (BitWidth)5).Index);
}
