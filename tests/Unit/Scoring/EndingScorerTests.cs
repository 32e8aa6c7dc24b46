using AdaptiveKv.Evaluation;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Scoring;
using AdaptiveKv.Scoring.Tasks;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference;

namespace AdaptiveKv.Unit.Scoring;

public sealed class EndingScorerTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private static readonly MultipleChoiceItem[] Items = [.. ItemFile.Read(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Items.Take(6)];

    [Theory]
    [InlineData("static-16", CacheMode.TwoPass)]
    [InlineData("static-4", CacheMode.TwoPass)]
    [InlineData("static-4", CacheMode.Decode)]
    [InlineData("static-4", CacheMode.Prefill)]
    public void Endings_together_score_as_each_alone(string policy, CacheMode mode)
    {
        using EndingScorer scorer = Open(policy, mode);
        foreach (EncodedItem item in Items.Select(Encode))
        {
            double[] together = scorer.Score(item.Context, item.Endings).LogLikelihood;
            double[] alone = [.. item.Endings.Select(ending => scorer.Score(item.Context, [ending]).LogLikelihood[0])];

            Assert.Equal(alone, together);
        }
    }

    [Theory]
    [InlineData("static-32")]
    [InlineData("static-8")]
    [InlineData("static-4")]
    [InlineData("static-2")]
    public void Two_passes_score_as_decoding_does(string policy)
    {
        using EndingScorer decoding = Open(policy, CacheMode.Decode), batched = Open(policy, CacheMode.TwoPass);
        foreach (EncodedItem item in Items.Select(Encode))
        {
            EndingScores expected = decoding.Score(item.Context, item.Endings), actual = batched.Score(item.Context, item.Endings);

            Assert.Equal(expected.LogLikelihood, actual.LogLikelihood);
            Assert.Equal((expected.Tokens, expected.CachedTokens), (actual.Tokens, actual.CachedTokens));
            Assert.Equal(expected.TierCounts, actual.TierCounts);
        }
    }

    [Theory]
    [InlineData("static-16")]
    [InlineData("static-32")]
    public void The_prompts_way_scores_as_decoding_does_where_nothing_is_coded(string policy)
    {
        using EndingScorer decoding = Open(policy, CacheMode.Decode), prompt = Open(policy, CacheMode.Prefill);
        foreach (EncodedItem item in Items.Select(Encode))
        {
            double[] expected = decoding.Score(item.Context, item.Endings).LogLikelihood;

            Assert.All(prompt.Score(item.Context, item.Endings).LogLikelihood, (score, i) => Assert.Equal(expected[i], score, 0.02));
        }
    }

    /// <summary>A context and endings that do not fit one batch continue in the next one.</summary>
    [Fact]
    public void Items_longer_than_a_batch_score_as_decoding_does()
    {
        int[] text = micro.Tokens(700);
        int[] context = text[..300];
        int[][] endings = [text[300..590], text[310..312], [.. text[320..500], .. text[..80]]];
        using EndingScorer decoding = Open("static-8", CacheMode.Decode, 600), batched = Open("static-8", CacheMode.TwoPass, 600);
        using EndingScorer prompt = Open("static-16", CacheMode.Prefill, 600), sixteen = Open("static-16", CacheMode.TwoPass, 600);

        double[] expected = decoding.Score(context, endings).LogLikelihood;

        Assert.All(batched.Score(context, endings).LogLikelihood, (score, i) => Assert.Equal(expected[i], score, 0.002 * Math.Abs(expected[i])));
        double[] whole = sixteen.Score(context, endings).LogLikelihood;
        Assert.All(prompt.Score(context, endings).LogLikelihood, (score, i) => Assert.Equal(whole[i], score, 0.002 * Math.Abs(whole[i])));
    }

    [Fact]
    public void Tokens_bytes_and_tiers_are_counted()
    {
        using EndingScorer scorer = Open("static-4", CacheMode.TwoPass);
        EndingScores scores = scorer.Score([1, 2, 3, 4, 5], [[6, 7, 8], [9]]);

        // The last token of an ending is scored but never fed.
        Assert.Equal((7, 7), (scores.Tokens, scores.CachedTokens));
        Assert.Equal(7, scores.TierCounts[KvTier.Of(BitWidth.Four).Index]);
        Assert.Equal(7, scores.TierCounts.Sum());
        Assert.Equal(scores.CacheBytes * 8.0 / (micro.Int8.CacheShape.ElementsPerToken * 7), scores.EffectiveBits, 1e-9);
    }

    [Fact]
    public void An_ending_of_one_token_is_what_the_context_predicts()
    {
        using EndingScorer scorer = Open("static-16", CacheMode.TwoPass);
        int[][] all = [.. Enumerable.Range(0, micro.Int8.Shape.Vocabulary).Select(token => (int[])[token])];

        double[] scores = scorer.Score(micro.Tokens(20), all).LogLikelihood;

        Assert.Equal(1, scores.Sum(Math.Exp), 1e-5);
    }

    private EndingScorer Open(string policy, CacheMode mode, int maxTokens = 256) =>
        new(micro.Int8, PolicyCatalog.ParseOne(policy), mode, new EngineSetup(2, new KvCacheOptions()), maxTokens);

    private EncodedItem Encode(MultipleChoiceItem item) => EncodedItem.Encode(item, text => micro.Int8.Tokenizer.Encode(text));
}
