using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.KvCache;

public sealed class KvTierTests
{
    [Fact]
    public void Every_pair_of_widths_has_its_own_index_and_name()
    {
        KvTier[] tiers = [.. from keys in Enum.GetValues<BitWidth>() from values in Enum.GetValues<BitWidth>() select new KvTier(keys, values)];

        Assert.Equal(Enumerable.Range(0, KvTier.Count), tiers.Select(tier => tier.Index).Order());
        Assert.Equal(KvTier.Count, tiers.Select(tier => tier.ToString()).Distinct().Count());
        Assert.Equal(("4", "k8v4"), (KvTier.Of(BitWidth.Four).ToString(), new KvTier(BitWidth.Eight, BitWidth.Four).ToString()));
    }

    [Fact]
    public void A_width_that_does_not_exist_has_no_index() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new KvTier(BitWidth.Four, (BitWidth)5).Index);
}
