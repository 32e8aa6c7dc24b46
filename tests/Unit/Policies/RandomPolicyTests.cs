using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Unit.Policies;

public sealed class RandomPolicyTests
{
    [Theory]
    [InlineData("random-2.5@1", 2, 3, 0.5)]
    [InlineData("random-3.25@2", 3, 4, 0.25)]
    [InlineData("random-3@2", 3, 4, 0)]
    [InlineData("random-7", 4, 8, 0.75)]
    [InlineData("random-16", 8, 16, 1)]
    [InlineData("random-1.5@1", 0, 2, 0.75)]
    public void The_mean_is_met_by_the_two_widths_around_it(string name, int low, int high, double share)
    {
        KvTier[] tiers = Tiers(PolicyCatalog.ParseOne(name), 1, 4000);

        Assert.All(tiers, tier => Assert.Contains(tier, (KvTier[])[KvTier.Of((BitWidth)low), KvTier.Of((BitWidth)high)]));
        Assert.Equal(share, tiers.Count(tier => tier == KvTier.Of((BitWidth)high)) / 4000.0, 0.02);
    }

    [Fact]
    public void Seeds_and_sequences_differ_and_repeat()
    {
        KvTier[] first = Tiers(PolicyCatalog.ParseOne("random-2.5@1"), 7, 64);

        Assert.Equal(first, Tiers(PolicyCatalog.ParseOne("random-2.5@1"), 7, 64));
        Assert.NotEqual(first, Tiers(PolicyCatalog.ParseOne("random-2.5@1"), 8, 64));
        Assert.NotEqual(first, Tiers(PolicyCatalog.ParseOne("random-2.5@2"), 7, 64));
    }

    [Theory]
    [InlineData("random--1")]
    [InlineData("random-17")]
    [InlineData("random-x")]
    [InlineData("random-3@")]
    [InlineData("random-3@1@2")]
    public void Other_names_are_refused(string name) =>
        Assert.Contains("expected random-BITS", Assert.Throws<FormatException>(() => PolicyCatalog.ParseOne(name)).Message, StringComparison.Ordinal);

    private static KvTier[] Tiers(PrecisionPolicy policy, ulong sequence, int count)
    {
        policy.Begin(sequence);
        return [.. Enumerable.Range(0, count).Select(policy.Choose)];
    }
}
