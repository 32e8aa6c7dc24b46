using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Unit.Inference;

public sealed class GenerationTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private static readonly KvTier Sixteen = KvTier.Of(BitWidth.Sixteen);

    [Theory]
    [InlineData(256)]
    [InlineData(7)]
    public void Greedy_generation_follows_the_largest_logit_however_the_prompt_is_cut(int batch)
    {
        int[] prompt = micro.Tokens(40);
        List<int> expected = [];
        using (Session session = new(micro.Int8, new SessionOptions { Threads = 2, Cache = new KvCacheOptions { MaxTokens = 64 } }))
        {
            Span<float> logits = default;
            foreach (int token in prompt)
            {
                logits = session.Decode(token);
                session.Encode(Sixteen);
            }

            for (int i = 0; i < 12; i++)
            {
                expected.Add(System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits));
                logits = session.Decode(expected[^1]);
                session.Encode(Sixteen);
            }
        }

        (List<int> tokens, GenerationStatistics statistics) = Run(64, batch, prompt, 12, _ => true);

        Assert.Equal(expected, tokens);
        Assert.Equal((40, 12, GenerationEnd.Limit), (statistics.PromptTokens, statistics.Tokens, statistics.End));
    }

    [Fact]
    public void It_ends_when_the_cache_is_full_when_told_and_when_cancelled()
    {
        int[] prompt = micro.Tokens(40);

        (List<int> tokens, GenerationStatistics full) = Run(44, 256, prompt, 100, _ => true);
        Assert.Equal((GenerationEnd.CacheFull, 5, 44), (full.End, tokens.Count, full.Cache.Tokens));

        int seen = 0;
        Assert.Equal((GenerationEnd.Stopped, 3), (Run(64, 256, prompt, 100, _ => ++seen < 3).Statistics.End, seen));

        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        using AdaptiveSession session = Open(64, 256, PolicyCatalog.ParseOne("static-16"));
        Generation generation = new(session, prompt, new GenerationOptions { MaxTokens = 100 }, cancelled.Token);
        Assert.Single(generation.Tokens());
        Assert.Equal((GenerationEnd.Cancelled, 1), (generation.Statistics.End, generation.Statistics.Tokens));
        Assert.Contains("once", Assert.Throws<InvalidOperationException>(() => generation.Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pieces_of_text_are_the_tokens_and_end_before_a_stop()
    {
        int[] prompt = micro.Tokens(40);
        string whole = micro.Int8.Tokenizer.Decode([.. Run(64, 256, prompt, 12, _ => true).Tokens]);
        string stop = whole[(whole.Length / 2)..((whole.Length / 2) + 3)];

        Assert.Equal(whole, string.Concat(Text([])));
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], string.Concat(Text([stop])));

        string[] Text(string[] stops)
        {
            using AdaptiveSession session = Open(64, 256, PolicyCatalog.ParseOne("static-16"));
            Generation generation = new(session, prompt, new GenerationOptions { MaxTokens = 12, Stops = stops }, CancellationToken.None);
            string[] pieces = [.. generation];
            Assert.Equal(stops.Length > 0 ? GenerationEnd.Stopped : GenerationEnd.Limit, generation.Statistics.End);
            return pieces;
        }
    }

    [Fact]
    public void Tiers_are_asked_for_every_position()
    {
        int[] prompt = micro.Tokens(20);
        using AdaptiveSession session = Open(64, 8, new ThirdsPolicy());

        Assert.Equal(10, new Generation(session, prompt, new GenerationOptions { MaxTokens = 10 }, CancellationToken.None).Tokens().Count());

        Assert.Equal(30, session.Cache.Count);
        Assert.All(Enumerable.Range(0, 30), position => Assert.Equal(session.Policy.Choose(position), session.Cache.TierAt(position)));
    }

    /// <summary>Of the prompt that is read, behind what the cache holds, and of an answer nothing; a sequence begins without one.</summary>
    [Fact]
    public void Tokens_of_a_prompt_know_how_many_are_still_to_come()
    {
        using AdaptiveSession session = Open(64, 8, PolicyCatalog.ParseOne("rule-log_remaining-2-1.5-8"));

        Assert.Equal(5, new Generation(session, micro.Tokens(20), new GenerationOptions { MaxTokens = 6 }, CancellationToken.None).Tokens().Take(5).Count());
        int held = session.Cache.Count;
        Assert.Equal(3, new Generation(session, micro.Tokens(10), new GenerationOptions { MaxTokens = 3 }, CancellationToken.None).Tokens().Count());

        // ln(1 + 4) is above 1.5, ln(1 + 3) is not.
        Assert.All(Enumerable.Range(0, session.Cache.Count), position =>
            Assert.Equal(KvTier.Of(position < 16 || (position >= held && position < held + 6) ? BitWidth.Eight : BitWidth.Two), session.Cache.TierAt(position)));
        session.Truncate(held + 4);
        Assert.Equal(held + 4, session.PromptEnd);
        session.Reset();
        Assert.Equal(0, session.PromptEnd);
    }

    [Fact]
    public void An_empty_prompt_is_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Run(64, 256, [], 10, _ => true));

        Assert.Contains("the prompt is empty", error.Message, StringComparison.Ordinal);
    }

    private AdaptiveSession Open(int maxTokens, int batch, PrecisionPolicy policy) =>
        new(micro.Int8, policy, CacheMode.Prefill, new EngineSetup(2, new KvCacheOptions(), Batch: batch), maxTokens);

    private (List<int> Tokens, GenerationStatistics Statistics) Run(int maxTokens, int batch, int[] prompt, int limit, Func<int, bool> goOn)
    {
        using AdaptiveSession session = Open(maxTokens, batch, PolicyCatalog.ParseOne("static-16"));
        Generation generation = new(session, prompt, new GenerationOptions { MaxTokens = limit }, CancellationToken.None);
        List<int> tokens = [];
        foreach (int token in generation.Tokens())
        {
            tokens.Add(token);
            if (!goOn(token))
            {
                break;
            }
        }

        return (tokens, generation.Statistics);
    }

    private sealed class ThirdsPolicy : PrecisionPolicy
    {
        public override string Name => "thirds";

        public override KvTier Choose(int position) => KvTier.Of(position % 3 == 0 ? BitWidth.Eight : BitWidth.Two);
    }
}
