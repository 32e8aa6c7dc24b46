using AdaptiveKv.Evaluation;
using AdaptiveKv.Evaluation.Stages;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Inference.Likelihoods;

namespace AdaptiveKv.Unit.Evaluation.Stages;

/// <summary>The opponent of a learned policy is the best static one that takes no more memory, whatever its name says.</summary>
public sealed class EqualMemoryTests
{
    [Fact]
    public void The_opponent_is_the_best_static_policy_of_no_more_memory()
    {
        ItemResult[] results =
        [
            .. Results("static-16", 16, 0), .. Results("static-2", 2.4, 9), .. Results("static-2+recent4", 2.9, 5), .. Results("static-k3v2", 3.02, 4), .. Results("static-3", 3.2, 1),
            .. Results("static-2+escalate5", 2.9, 0.5), .. Results("random-2.5@1", 3, 0.5), .. Results("learned-2.8", 3, 3), .. Results("learned-2", 2.3, 3),
        ];

        PolicyComparison comparison = Assert.Single(EvaluationMetrics.AtEqualMemory(MultipleChoiceEvaluation.Summarize(results), results)!);

        // k3v2 takes 0.7 % more, which counts as the same; 3 bits do not, and below 2.3 bits there is no static policy.
        Assert.Equal(("learned-2.8", "static-k3v2", 3), (comparison.Policy, comparison.Chance, comparison.Target));
        Assert.Equal(-0.25, comparison.Change!.Value, 1e-9);
        Assert.StartsWith("learned-2.8 beats static-k3v2, the best static policy here that takes as much memory or less: its mean KL is 25 % lower", ComparisonVerdict.OfMemory(comparison), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_one_nothing_is_compared()
    {
        ItemResult[] results = [.. Results("static-16", 16, 0), .. Results("learned-2", 2.3, 3)];

        Assert.Null(EvaluationMetrics.AtEqualMemory(MultipleChoiceEvaluation.Summarize(results), results));
    }

    private static IEnumerable<ItemResult> Results(string policy, double bits, double kl) => Enumerable.Range(0, 40).Select(item => new ItemResult($"{item}", policy, 0, 0, 0, 0, [-1], [4], [4], [2], 20, 2000, 20, bits, null)
    {
        Divergence = new EndingDivergence(kl * (1 + (item % 5)), 9, 10),
    });
}
