using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Unit.Policies;

public sealed class PolicyCatalogTests
{
    [Theory]
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
            "unknown policy 'statc-4': did you mean 'static-4'? known: static-2, static-3, static-4, static-8, static-16, static-32, "
            + "static-kXvY (keys X bits, values Y bits, such as static-k8v4)",
            error.Message);
    }

    [Fact]
    public void A_name_far_from_all_gets_no_suggestion()
    {
        FormatException error = Assert.Throws<FormatException>(() => PolicyCatalog.Parse("turboquant"));

        Assert.StartsWith("unknown policy 'turboquant': known: static-2,", error.Message);
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
