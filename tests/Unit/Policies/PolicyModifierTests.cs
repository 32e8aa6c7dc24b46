using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Unit.Policies;

public sealed class PolicyModifierTests
{
    private static readonly KvTier Two = KvTier.Of(BitWidth.Two);
    private static readonly KvTier Four = KvTier.Of(BitWidth.Four);
    private static readonly KvTier Sixteen = KvTier.Of(BitWidth.Sixteen);

    [Fact]
    public void Sinks_stay_whole()
    {
        PrecisionPolicy policy = PolicyCatalog.ParseOne("static-4+sinks2");

        Assert.Equal([Sixteen, Sixteen, Four, Four], Enumerable.Range(0, 4).Select(policy.Choose));
        Assert.False(policy.LooksAtTokens);
        Assert.Equal(0, policy.Recent);
    }

    [Fact]
    public void Recent_tokens_are_encoded_late_and_then_as_others() => Assert.Equal((32, Four), (PolicyCatalog.ParseOne("static-4+recent32").Recent, PolicyCatalog.ParseOne("static-4+recent32").Choose(0)));

    /// <summary>Errors in random order: the worst fifth of each run of a hundred goes up, and nothing within the first four tokens.</summary>
    [Fact]
    public void The_worst_tokens_of_a_sequence_go_one_tier_up()
    {
        PrecisionPolicy policy = PolicyCatalog.ParseOne("static-2+escalate20");
        float[] errors = [.. Enumerable.Range(0, 1000).Select(i => (i * 7919 % 1009) / 1009f)];

        KvTier[] tiers = Choose(policy, errors, 0);

        Assert.True(policy.LooksAtTokens);
        Assert.All(tiers.Take(4), tier => Assert.Equal(Two, tier));
        Assert.InRange(tiers.Count(tier => tier == Four), 180, 220);
        Assert.Equal(1000, tiers.Count(tier => tier == Four) + tiers.Count(tier => tier == Two));
        float[] kept = [.. errors.Where((_, i) => i > 500 && tiers[i] == Two)];
        float[] moved = [.. errors.Where((_, i) => i > 500 && tiers[i] == Four)];
        Assert.InRange(moved.Min(), kept.Max() - 0.05f, 1);
    }

    /// <summary>Of dropped tokens none loses more than another.</summary>
    [Fact]
    public void Dropped_tokens_stay_dropped() => Assert.All(
        Choose(PolicyCatalog.ParseOne("static-0+escalate50"), [.. Enumerable.Repeat(1f, 50)], 0), tier => Assert.Equal(KvTier.Dropped, tier));

    [Fact]
    public void Equal_errors_move_nothing() => Assert.All(Choose(PolicyCatalog.ParseOne("static-4+escalate50"), new float[50], 0), tier => Assert.Equal(Four, tier));

    /// <summary>What is asked again after a truncation is judged as the first time.</summary>
    [Fact]
    public void A_position_asked_again_forgets_what_followed()
    {
        PrecisionPolicy policy = PolicyCatalog.ParseOne("static-4+escalate20");
        float[] errors = [.. Enumerable.Range(0, 100).Select(i => i * 37 % 101 / 101f)];
        KvTier[] first = Choose(policy, errors, 0);

        Assert.Equal(first[40..], Choose(policy, errors, 40));
        Assert.Equal(first, Choose(policy, errors, 0));
    }

    /// <summary>Sinks are no measure of the other tokens' errors.</summary>
    [Fact]
    public void Modifiers_go_together()
    {
        PrecisionPolicy policy = PolicyCatalog.ParseOne("static-2+escalate25+recent8+sinks4");
        float[] errors = [.. Enumerable.Range(0, 40).Select(i => i < 4 ? 9f : i / 40f)];

        KvTier[] tiers = Choose(policy, errors, 0);

        Assert.Equal("static-2+sinks4+recent8+escalate25", policy.Name);
        Assert.Equal(8, policy.Recent);
        Assert.All(tiers.Take(4), tier => Assert.Equal(Sixteen, tier));
        Assert.Equal([Two, Two, Two], tiers[4..7]);
        Assert.All(tiers[7..], tier => Assert.Equal(Four, tier));
    }

    private static KvTier[] Choose(PrecisionPolicy policy, float[] errors, int from) =>
        [.. Enumerable.Range(from, errors.Length - from).Select(i => policy.Choose(new TokenView(i, [], (position, _) => new ReconstructionError(errors[position], errors[position]))))];
}
