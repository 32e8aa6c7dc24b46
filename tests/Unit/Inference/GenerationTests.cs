using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.KvCache;

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
        using (Session session = Open(64, batch))
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
        using Session session = Open(64, 256);
        GenerationStatistics statistics = new Generation(micro.Int8, session, new Sampler(new SamplingOptions { Temperature = 0 }, micro.Int8.Shape.Vocabulary), _ => Sixteen)
            .Run(prompt, 100, _ => true, cancelled.Token);
        Assert.Equal((GenerationEnd.Cancelled, 1), (statistics.End, statistics.Tokens));
    }

    [Fact]
    public void Tiers_are_asked_for_every_position()
    {
        int[] prompt = micro.Tokens(20);
        using Session session = Open(64, 8);
        Sampler sampler = new(new SamplingOptions { Temperature = 0 }, micro.Int8.Shape.Vocabulary);
        KvTier Tier(int position) => KvTier.Of(position % 3 == 0 ? BitWidth.Eight : BitWidth.Two);

        new Generation(micro.Int8, session, sampler, Tier).Run(prompt, 10, _ => true, CancellationToken.None);

        Assert.Equal(30, session.Cache.Count);
        Assert.All(Enumerable.Range(0, 30), position => Assert.Equal(Tier(position), session.Cache.TierAt(position)));
    }

    [Fact]
    public void An_empty_prompt_is_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Run(64, 256, [], 10, _ => true));

        Assert.Contains("the prompt is empty", error.Message, StringComparison.Ordinal);
    }

    private Session Open(int maxTokens, int batch) =>
        new(micro.Int8, new SessionOptions { Threads = 2, MaxBatch = batch, Cache = new KvCacheOptions { MaxTokens = maxTokens } });

    private (List<int> Tokens, GenerationStatistics Statistics) Run(int maxTokens, int batch, int[] prompt, int limit, Func<int, bool> goOn)
    {
        using Session session = Open(maxTokens, batch);
        List<int> tokens = [];
        Sampler sampler = new(new SamplingOptions { Temperature = 0 }, micro.Int8.Shape.Vocabulary);
        GenerationStatistics statistics = new Generation(micro.Int8, session, sampler, _ => Sixteen).Run(prompt, limit, token =>
        {
            tokens.Add(token);
            return goOn(token);
        }, CancellationToken.None);
        return (tokens, statistics);
    }
}
