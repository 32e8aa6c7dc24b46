using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Evaluation;

/// <summary>The loop and its summaries, over scores that are given instead of computed.</summary>
public sealed class MultipleChoiceEvaluationTests
{
    private static readonly EncodedItem[] Items =
    [
        Item("a", ["one", "four"], 0),
        Item("b", ["one", "four"], 1),
        Item("c", ["one", "four"], 0),
    ];

    [Fact]
    public void Every_policy_scores_every_item()
    {
        EvaluationResult result = Run(("static-16", Always(-3, -5)), ("static-4", Always(-5, -3)));

        Assert.Equal(["a/static-16", "a/static-4", "b/static-16", "b/static-4", "c/static-16", "c/static-4"], result.Items.Select(item => $"{item.Item}/{item.Policy}"));
        Assert.Equal((3, 3), (result.ItemsDone, result.ItemsWanted));
        Assert.Equal([0, 1, 0, 1, 0, 1], result.Items.Select(item => item.Choice));
        Assert.Equal((2, 1), (result.Policies[0].Accuracy.Successes, result.Policies[1].Accuracy.Successes));
        Assert.Equal(3, result.Policies[0].Accuracy.Count);
    }

    /// <summary>Of "one" and "four" -3 / 3 = -1 and -3.6 / 4 = -0.9. Of "abc" and "\u00E9\u00E9" -3 / 3 and -2.4 / 2 = -1.2 per character, -2.4 / 4 = -0.6 per byte.</summary>
    [Theory]
    [InlineData("four", -3.6, 0, 1, 1)]
    [InlineData("\u00E9\u00E9", -2.4, 1, 0, 1)]
    [InlineData("\U0001F600\U0001F600", -1.9, 1, 1, 1)]
    [InlineData("\U0001F600\U0001F600", -2.2, 1, 0, 1)]
    public void Acc_norm_divides_by_characters_and_acc_bytes_by_bytes(string ending, double logLikelihood, int choice, int perCharacter, int perByte)
    {
        EncodedItem encoded = Item("a", ["abc", ending], 0);
        ItemResult item = ItemResult.From(encoded, "static-16", Always(-3, logLikelihood)(encoded.Context, encoded.Endings));

        Assert.Equal((choice, perCharacter, perByte), (item.Choice, item.ChoiceNorm, item.ChoiceBytes));
        Assert.Equal([3, ending.EnumerateRunes().Count()], item.EndingCharacters);
        Assert.Equal([3, System.Text.Encoding.UTF8.GetByteCount(ending)], item.EndingBytes);
    }

    [Fact]
    public void The_first_of_equal_endings_is_chosen() => Assert.Equal(0, Run(("static-16", Always(-3, -3))).Items[0].Choice);

    [Fact]
    public void Differences_are_taken_from_static_16_wherever_it_stands()
    {
        EvaluationResult result = Run(("static-4", Always(-5, -3)), ("static-16", Always(-3, -5)));

        Assert.Equal((1, 2), (result.Policies[0].Difference!.Gained, result.Policies[0].Difference!.Lost));
        Assert.Equal(-100.0 / 3, result.Policies[0].DifferenceNorm!.Points, 9);
        Assert.Null(result.Policies[1].Difference);
    }

    [Fact]
    public void Without_static_16_there_are_no_differences() => Assert.Null(Run(("static-4", Always(-5, -3))).Policies[0].Difference);

    [Fact]
    public void Costs_are_weighted_by_tokens()
    {
        var calls = new Queue<EndingScores>(
        [
            Scores([-1, -2], tokens: 10, cacheBytes: 1000, cachedTokens: 8, bits: 4.0, ms: 20, four: 10, sixteen: 0),
            Scores([-1, -2], tokens: 20, cacheBytes: 2000, cachedTokens: 16, bits: 5.0, ms: 20, four: 15, sixteen: 5),
            Scores([-1, -2], tokens: 40, cacheBytes: 3000, cachedTokens: 24, bits: 6.0, ms: 120, four: 35, sixteen: 5),
        ]);
        PolicySummary summary = Run(("static-4", (_, _) => calls.Dequeue())).Policies[0];

        Assert.Equal(((4 * 8) + (5 * 16) + (6 * 24)) / 48.0, summary.EffectiveBits, 12);
        Assert.Equal(6000 / 48.0, summary.KvBytesPerToken, 12);
        Assert.Equal(2, summary.MsPerToken!.Value, 12);
        Assert.Equal(2.9, summary.MsPerTokenP95!.Value, 12);
        Assert.Equal(((60 * 4) + (10 * 16)) / 70.0, summary.NominalBits, 12);
        Assert.Equal([new("4", 60), new("16", 10)], summary.Tiers);
    }

    [Fact]
    public void A_cancelled_run_keeps_the_items_that_all_policies_scored()
    {
        using var source = new CancellationTokenSource();
        int calls = 0;
        EndingScoring second = (_, _) =>
        {
            if (++calls == 2)
            {
                source.Cancel();
            }

            return Scores([-1, -2]);
        };
        var reported = new List<long>();

        EvaluationResult result = MultipleChoiceEvaluation.Run(
            Items, [("static-16", Always(-1, -2)), ("static-4", second), ("static-2", Always(-1, -2))], TimeProvider.System, new Reports(reported), source.Token);

        Assert.Equal((1, 3), (result.ItemsDone, result.ItemsWanted));
        Assert.Equal(["static-16", "static-4", "static-2"], result.Items.Select(item => item.Policy));
        Assert.Equal([1L], reported);
        Assert.Equal(1, result.Policies[0].Accuracy.Count);
    }

    [Fact]
    public void A_run_cancelled_at_once_has_no_rows()
    {
        EvaluationResult result = MultipleChoiceEvaluation.Run(Items, [("static-16", Always(-1, -2))], TimeProvider.System, null, new CancellationToken(canceled: true));

        Assert.Empty(result.Items);
        Assert.Empty(result.Policies);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void A_score_that_is_no_number_is_an_error(double value)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Run(("static-2", Always(-1, value))));

        Assert.StartsWith($"item 'a', policy static-2: the log-likelihood of ending 1 is {value}: the model's weights are damaged", error.Message);
    }

    private static EvaluationResult Run(params (string, EndingScoring)[] policies) =>
        MultipleChoiceEvaluation.Run(Items, policies, TimeProvider.System, null, CancellationToken.None);

    private static EncodedItem Item(string id, string[] endings, int label) =>
        new(new MultipleChoiceItem(id, "c", endings, label), [1, 2], [.. endings.Select((_, index) => new[] { 3, index })]);

    private static EndingScoring Always(params double[] logLikelihood) => (_, _) => Scores(logLikelihood);

    private static EndingScores Scores(
        double[] logLikelihood, int tokens = 6, long cacheBytes = 100, int cachedTokens = 4, double bits = 16, double ms = 6, long four = 0, long sixteen = 6)
    {
        long[] tiers = new long[KvTier.Count];
        tiers[KvTier.Of(BitWidth.Four).Index] = four;
        tiers[KvTier.Of(BitWidth.Sixteen).Index] = sixteen;
        return new EndingScores(logLikelihood, tokens, cacheBytes, cachedTokens, bits, tiers, ms);
    }

    private sealed class Reports(List<long> reported) : IProgress<long>
    {
        public void Report(long value) => reported.Add(value);
    }
}
