using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Policies;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Inference.Likelihoods;

public sealed class EndingScorerTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private static readonly MultipleChoiceItem[] Items = [.. ItemFile.Read(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Items.Take(6)];

    [Theory]
    [InlineData("static-16", CacheMode.TwoPass)]
    [InlineData("static-4", CacheMode.TwoPass)]
    [InlineData("static-4", CacheMode.Decode)]
    [InlineData("static-4", CacheMode.Prefill)]
    [InlineData("static-2+recent8", CacheMode.TwoPass)]
    [InlineData("static-2+recent8", CacheMode.Decode)]
    [InlineData("static-2+recent8", CacheMode.Prefill)]
    [InlineData("rule-attention_received-2-0.03-4+recent8", CacheMode.TwoPass)]
    [InlineData("rule-attention_received-2-0.03-4+recent8", CacheMode.Decode)]
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

    /// <summary>
    /// To the bit without a window. In batches a window is summed apart from the cache, so that sums differ in their last digits, and a few rows get other codes, which at 2 bits is seen.
    /// </summary>
    [Theory]
    [InlineData("static-32", 0)]
    [InlineData("static-8", 0)]
    [InlineData("static-4", 0)]
    [InlineData("static-2", 0)]
    [InlineData("static-2+recent8", 0.02)]
    [InlineData("static-4+sinks1+recent40", 0.005)]
    public void Two_passes_score_as_decoding_does(string policy, double tolerance)
    {
        using EndingScorer decoding = Open(policy, CacheMode.Decode), batched = Open(policy, CacheMode.TwoPass);
        foreach (EncodedItem item in Items.Select(Encode))
        {
            EndingScores expected = decoding.Score(item.Context, item.Endings), actual = batched.Score(item.Context, item.Endings);

            Assert.All(actual.LogLikelihood, (score, i) => Assert.InRange(score, expected.LogLikelihood[i] - tolerance, expected.LogLikelihood[i] + tolerance));
            Assert.Equal(expected.LogLikelihood.Length, actual.LogLikelihood.Length);
            Assert.Equal((expected.Tokens, expected.CachedTokens), (actual.Tokens, actual.CachedTokens));
            Assert.Equal(expected.TierCounts, actual.TierCounts);
            Assert.Equal(expected.Tiers, actual.Tiers);
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

    /// <summary>What a policy sees is the reference's, window or not; so a token that has left the window has the tier that it would have without one.</summary>
    [Fact]
    public void A_window_delays_a_tier_and_changes_none()
    {
        const int Recent = 6;
        EncodedItem[] items = [.. Items.Select(Encode)];
        PrecisionPolicy[] policies = [PolicyCatalog.ParseOne("rule-surprisal-2-1-4"), PolicyCatalog.ParseOne($"rule-surprisal-2-1-4+recent{Recent}")];
        using PolicyArena arena = new(micro.Int8, policies, CacheMode.TwoPass, new EngineSetup(1, new KvCacheOptions()), items, compare: true);
        foreach (EncodedItem item in items)
        {
            int first = item.Context.Length + item.Endings[0].Length - 1;
            IReadOnlyList<KvTier> plain = arena.Scorings[0].Score(item.Context, item.Endings).Tiers, waiting = arena.Scorings[1].Score(item.Context, item.Endings).Tiers;

            Assert.Equal(2, plain.Distinct().Count());
            Assert.Equal(plain.Take(first - Recent), waiting.Take(first - Recent));
            Assert.All(waiting.Take(first).TakeLast(Recent), tier => Assert.Equal(KvTier.Of(BitWidth.Sixteen), tier));
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

    /// <summary>To the bit, after other items too, but where a window is summed in batches that begin elsewhere.</summary>
    [Theory]
    [InlineData("static-16", CacheMode.TwoPass, 0)]
    [InlineData("static-2", CacheMode.TwoPass, 0)]
    [InlineData("static-3", CacheMode.Decode, 0)]
    [InlineData("static-2+sinks1+recent8", CacheMode.TwoPass, 0.005)]
    [InlineData("static-2+sinks1+recent8", CacheMode.Decode, 0)]
    [InlineData("rule-surprisal-2-4-4", CacheMode.TwoPass, 0)]
    [InlineData("rule-surprisal-2-4-4", CacheMode.Decode, 0)]
    [InlineData("rule-surprisal-2-4-4+recent8", CacheMode.TwoPass, 0.005)]
    [InlineData("rule-error2-2-0.3-4", CacheMode.TwoPass, 0)]
    [InlineData("rule-attention_received-2-0.03-4+recent8", CacheMode.Decode, 0)]
    public void What_items_share_is_run_once_and_changes_no_score(string policy, CacheMode mode, double tolerance)
    {
        Shots shots = new(Items[..2]);
        EncodedItem[] items = shots.Encode(Items[2..], text => micro.Int8.Tokenizer.Encode(text));
        EndingScores[] once = Score(items), again = Score([.. items.Select(item => item with { Shared = 0 })]);

        Assert.All(items.Index(), place =>
        {
            (EndingScores expected, EndingScores actual) = (again[place.Index], once[place.Index]);
            Assert.InRange(place.Item.Shared, 20, place.Item.Context.Length - 1);
            Assert.All(actual.LogLikelihood, (score, i) => Assert.InRange(score, expected.LogLikelihood[i] - tolerance, expected.LogLikelihood[i] + tolerance));
            Assert.InRange(actual.Divergence!.Value.Kl, expected.Divergence!.Value.Kl - tolerance, expected.Divergence.Value.Kl + tolerance);
            Assert.Equal(expected.Tiers, actual.Tiers);
            Assert.Equal((expected.CacheBytes, expected.CachedTokens), (actual.CacheBytes, actual.CachedTokens));
            Assert.Equal(expected.Tokens - place.Item.Shared, actual.Tokens);
        });

        EndingScores[] Score(EncodedItem[] all)
        {
            using PolicyArena arena = new(micro.Int8, [PolicyCatalog.ParseOne(policy)], mode, new EngineSetup(2, new KvCacheOptions()), all, compare: true);
            return [.. all.Select(item => arena.Scorings[0].Score(item.Context, item.Endings))];
        }
    }

    /// <summary>The shared tokens are drawn under their own name, not under the first item's.</summary>
    [Fact]
    public void Chance_deals_shared_tokens_the_same_tiers_for_all_items()
    {
        EncodedItem[] items = new Shots(Items[..2]).Encode(Items[2..4], text => micro.Int8.Tokenizer.Encode(text));
        KvTier[][] forward = Tiers(items), backward = Tiers([items[1], items[0]]);

        Assert.Equal(forward[0][..items[0].Shared], forward[1][..items[0].Shared]);
        Assert.Equal(forward[0], backward[1]);
        Assert.Equal(forward[1], backward[0]);
        Assert.Equal(2, forward[0][..items[0].Shared].Distinct().Count());

        KvTier[][] Tiers(EncodedItem[] all)
        {
            using PolicyArena arena = new(micro.Int8, [PolicyCatalog.ParseOne("random-2.5@1")], CacheMode.TwoPass, new EngineSetup(1, new KvCacheOptions()), all, compare: false);
            return [.. all.Select(item => arena.Scorings[0].Score(item.Context, item.Endings).Tiers.ToArray())];
        }
    }

    /// <summary>Endings share memory while they are scored, and each takes most of another tier; what counts is what the longest needs by itself.</summary>
    [Theory]
    [InlineData(CacheMode.TwoPass)]
    [InlineData(CacheMode.Decode)]
    public void Bytes_are_those_of_the_longest_ending_alone(CacheMode mode)
    {
        int[] context = micro.Tokens(11);
        int[][] repeated = [.. Enumerable.Range(0, 40).Select(token => Enumerable.Repeat(token, 30).ToArray())];
        KvTier[][] tiers = [.. Score(repeated).Tiers.Skip(11).Chunk(29)];
        int[] byWidth = [.. Enumerable.Range(0, 40).OrderBy(ending => tiers[ending].Count(tier => tier == KvTier.Of(BitWidth.Four)))];
        int[][] endings = [repeated[byWidth[^1]], [.. repeated[byWidth[0]], 1, 1]];

        EndingScores together = Score(endings);

        Assert.Equal(11 + 31, together.CachedTokens);
        KvTier[] longest = [.. together.Tiers.Take(11), .. together.Tiers.Skip(11 + 29).Take(31)];
        Assert.True(tiers[byWidth[^1]].Count(tier => tier == KvTier.Of(BitWidth.Four)) >= tiers[byWidth[0]].Count(tier => tier == KvTier.Of(BitWidth.Four)) + 12, "the endings need units of different tiers");
        long staged = mode == CacheMode.TwoPass ? 0 : TierFootprint.Of(KvTier.Of(BitWidth.Sixteen), micro.Int8.CacheShape, new KvCacheOptions()).UnitBytes;
        Assert.Equal(
            staged + longest.CountBy(tier => tier).Sum(pair => TierFootprint.Of(pair.Key, micro.Int8.CacheShape, new KvCacheOptions()).Bytes(pair.Value)),
            together.CacheBytes);

        EndingScores Score(int[][] all)
        {
            using PolicyArena arena = new(micro.Int8, [PolicyCatalog.ParseOne("rule-surprisal-2-4-4")], mode, new EngineSetup(1, new KvCacheOptions()), [new EncodedItem(Items[0], context, all)], compare: true);
            return arena.Scorings[0].Score(context, all);
        }
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
