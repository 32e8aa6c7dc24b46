using AdaptiveKv.Evaluation.Stages;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Unit.Policies.Control;

namespace AdaptiveKv.Unit.Evaluation.Stages;

public sealed class ArenaPlanTests
{
    [Fact]
    public void Chance_has_seeds_between_the_tiers_and_is_a_static_policy_at_the_bits_of_one()
    {
        ArenaPlan plan = Plan("static-16,static-3", [2.75, 3.25]);

        Assert.Equal(["random-2.5@1+sinks1", "random-2.5@2+sinks1"], plan.Targets[0].Chance);
        Assert.Equal(["static-k3v2+sinks1"], plan.Targets[1].Chance);
        Assert.Equal(["static-3+sinks1"], plan.Targets[2].Chance);
        Assert.Equal(3, plan.Targets.Count);
        Assert.Equal(plan.Policies.Count, plan.Policies.DistinctBy(policy => policy.Name).Count());
        Assert.Equal(["static-16", "static-3+sinks1"], plan.Policies.Take(2).Select(policy => policy.Name));
    }

    [Theory]
    [InlineData(2.75, "rule-entropy-2-50-3+sinks1")]
    [InlineData(3.25, "rule-entropy-2-50-4+sinks1")]
    [InlineData(4.25, "rule-entropy-3-79-8+sinks1")]
    public void A_rule_gives_the_largest_values_the_wider_of_two_tiers_in_the_share_that_meets_the_bits(double target, string name) =>
        Assert.Equal([name], Plan("static-16", [target]).Targets[0].Others);

    [Fact]
    public void Under_a_window_controllers_meet_chance_with_the_same_window()
    {
        Dictionary<string, Controller> controllers = new()
        {
            ["learned"] = Seeing(SaliencyFeature.Entropy),
            ["learned:delayed"] = Seeing(SaliencyFeature.Entropy, SaliencyFeature.AttentionReceived),
        };

        ArenaPlan plan = Plan("static-16", [2.75], controllers);

        string[] plain = ["learned-2.75+sinks1"], waiting = ["learned-2.75+sinks1+recent8", "learned:delayed-2.75+sinks1+recent8"];
        Assert.Equal([plain, plain, waiting, waiting], plan.Targets.Select(target => target.Others.Where(PolicyCatalog.IsLearned)));
        Assert.Equal(
            [["random-2.5@1+sinks1", "random-2.5@2+sinks1"], ["static-k3v2+sinks1"], ["random-2.5@1+sinks1+recent8", "random-2.5@2+sinks1+recent8"], ["static-k3v2+sinks1+recent8"]],
            plan.Targets.Select(target => target.Chance));
    }

    [Fact]
    public void What_no_policy_can_be_set_to_is_refused()
    {
        FormatException refusal = Assert.Throws<FormatException>(() => Plan("static-5", [3]));

        Assert.Contains("unknown policy 'static-5'", refusal.Message, StringComparison.Ordinal);
    }

    private static Controller Seeing(params SaliencyFeature[] features)
    {
        Controller plain = Sample.Controller(features, 8);
        return new Controller(plain.Features, plain.Layers, plain.Tiers, plain.Record) { Budget = new BudgetCurve([-1.5, 0, 2], [16, 4.25, 2.5]) };
    }

    // The feature's values are 0 to 98.
    private static ArenaPlan Plan(string named, double[] targets, Dictionary<string, Controller>? controllers = null) =>
        ArenaPlan.Of(new EvaluateParams { Policies = named, Targets = targets, Recent = controllers is null ? [0] : [0, 8], Seeds = 2 }, _ => [.. Enumerable.Range(0, 99).Select(value => (float)value)], controllers ?? [], null);
}
