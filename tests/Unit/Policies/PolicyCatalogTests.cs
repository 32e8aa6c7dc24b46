using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Unit.Policies;

public sealed class PolicyCatalogTests
{
    [Theory]
    [InlineData("static-0", BitWidth.Zero, BitWidth.Zero)]
    [InlineData("static-2", BitWidth.Two, BitWidth.Two)]
    [InlineData("static-3", BitWidth.Three, BitWidth.Three)]
    [InlineData("static-4", BitWidth.Four, BitWidth.Four)]
    [InlineData("static-8", BitWidth.Eight, BitWidth.Eight)]
    [InlineData("static-16", BitWidth.Sixteen, BitWidth.Sixteen)]
    [InlineData("static-32", BitWidth.ThirtyTwo, BitWidth.ThirtyTwo)]
    [InlineData("static-k8v4", BitWidth.Eight, BitWidth.Four)]
    [InlineData("static-k16v2", BitWidth.Sixteen, BitWidth.Two)]
    public void Known_names_give_their_tier_at_every_position(string name, BitWidth keys, BitWidth values)
    {
        PrecisionPolicy policy = PolicyCatalog.ParseOne(name);

        Assert.Equal(name, policy.Name);
        Assert.Equal(new KvTier(keys, values), policy.Choose(0));
        Assert.Equal(new KvTier(keys, values), policy.Choose(8191));
    }

    [Fact]
    public void A_list_keeps_its_order_and_ignores_blanks_around_names()
    {
        IReadOnlyList<PrecisionPolicy> policies = PolicyCatalog.Parse("static-16, static-8 ,static-k8v4");

        Assert.Equal(["static-16", "static-8", "static-k8v4"], policies.Select(policy => policy.Name));
    }

    [Fact]
    public void A_pair_of_equal_widths_is_the_plain_policy() => Assert.Equal("static-4", PolicyCatalog.ParseOne("static-k4v4").Name);

    [Fact]
    public void An_unknown_name_is_answered_with_the_nearest_and_all_known()
    {
        FormatException error = Assert.Throws<FormatException>(() => PolicyCatalog.Parse("static-16,statc-4"));

        Assert.Equal(
            "unknown policy 'statc-4': did you mean 'static-4'? known: static-0, static-2, static-3, static-4, static-8, static-16, static-32, "
            + "static-kXvY (keys X bits, values Y bits, such as static-k8v4; 0 bits drop a token, keys and values both: static-0), mix-X-Y-... (dealt by chance in equal shares), random-BITS@SEED (by chance at a mean, such as random-3.5@1), "
            + "rule-FEATURE-BITS-THRESHOLD-BITS (such as rule-entropy-2-0.9-4), learned or learned-BITS (a controller's choice, at a wanted mean); each may be followed by +sinksN (the first N tokens stay at 16 bits), "
            + "+recentN (the newest N do), +escalateN (the N % with the largest own error go one tier up)",
            error.Message);
    }

    [Theory]
    [InlineData("static-4+sink1", "unknown policy '+sink1': did you mean '+sinks1'? known: ")]
    [InlineData("static-4+resent32", "unknown policy '+resent32': did you mean '+recent32'? known: ")]
    [InlineData("static-4+", "unknown policy '+': known: ")]
    [InlineData("static-4+sinks", "policy part '+sinks': expected +sinksN with N from 1 to 65536")]
    [InlineData("static-4+sinks0", "policy part '+sinks0': expected +sinksN with N from 1 to 65536")]
    [InlineData("static-4+escalate51", "policy part '+escalate51': expected +escalateN with N from 1 to 50")]
    [InlineData("static-4+sinks1+sinks2", "policy 'static-4+sinks1+sinks2': '+sinks' is given twice: give it once")]
    [InlineData("static-k0v4", "unknown policy 'static-k0v4': did you mean 'static-k")]
    [InlineData("+sinks1", "a policy name is empty: expected")]
    [InlineData("statc-4+sinks1", "unknown policy 'statc-4': did you mean 'static-4'? known: ")]
    public void A_wrong_part_of_a_name_is_answered_in_one_line(string name, string words) =>
        Assert.StartsWith(words, Assert.Throws<FormatException>(() => PolicyCatalog.ParseOne(name)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parts_come_in_one_order() => Assert.Equal("static-4+sinks1+recent32+escalate5", PolicyCatalog.ParseOne("static-4+escalate5+recent32+sinks1").Name);

    [Fact]
    public void Options_hold_for_every_policy_that_does_not_say_otherwise()
    {
        IReadOnlyList<PrecisionPolicy> policies = PolicyCatalog.Parse("static-16,static-4,static-2+sinks4", sinks: 1, recent: 8);

        Assert.Equal(["static-16", "static-4+sinks1+recent8", "static-2+sinks4+recent8"], policies.Select(policy => policy.Name));
    }

    [Fact]
    public void A_name_far_from_all_gets_no_suggestion()
    {
        FormatException error = Assert.Throws<FormatException>(() => PolicyCatalog.Parse("turboquant"));

        Assert.StartsWith("unknown policy 'turboquant': known: static-0,", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("static-16,,static-4")]
    [InlineData("static-16,")]
    public void An_empty_name_is_refused(string names) =>
        Assert.StartsWith("a policy name is empty: expected", Assert.Throws<FormatException>(() => PolicyCatalog.Parse(names)).Message);

    [Theory]
    [InlineData("static-4,static-16,static-4")]
    [InlineData("static-4,static-k4v4")]
    public void A_policy_named_twice_is_refused(string names) =>
        Assert.StartsWith("policy 'static-4' is named twice", Assert.Throws<FormatException>(() => PolicyCatalog.Parse(names)).Message);
}
