using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Unit.Policies;

public sealed class MixPolicyTests
{
    [Fact]
    public void Tiers_come_in_the_shares_of_the_list_and_repeat()
    {
        PrecisionPolicy policy = PolicyCatalog.ParseOne("mix-2-2-4-8");
        KvTier[] chosen = [.. Enumerable.Range(0, 4000).Select(policy.Choose)];

        Assert.InRange(chosen.Count(tier => tier == KvTier.Of(BitWidth.Two)), 1880, 2120);
        Assert.InRange(chosen.Count(tier => tier == KvTier.Of(BitWidth.Four)), 890, 1110);
        Assert.InRange(chosen.Count(tier => tier == KvTier.Of(BitWidth.Eight)), 890, 1110);
        Assert.Equal(chosen, Enumerable.Range(0, 4000).Select(PolicyCatalog.ParseOne("mix-2-2-4-8").Choose));
    }

    [Theory]
    [InlineData("mix-2-5")]
    [InlineData("mix-")]
    [InlineData("mix-2-32")]
    public void What_is_no_width_is_named(string name) =>
        Assert.Contains("is none of 0, 2, 3, 4, 8, 16", Assert.Throws<FormatException>(() => PolicyCatalog.ParseOne(name)).Message, StringComparison.Ordinal);
}
