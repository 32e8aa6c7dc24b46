using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Evaluation.Speed;

public sealed class SpeedBenchmarkTests : IDisposable
{
    private static readonly SpeedSettings Settings = new([4, 40], 24, 3, 2);

    private readonly LlamaModel model = LlamaModel.Load(SharedFiles.MicroModel);

    private readonly TokenIds ids;

    public SpeedBenchmarkTests() => ids = TokenIds.Draw(Settings.LongestSequence, model.Shape.Vocabulary, 1);

    public void Dispose() => model.Dispose();

    [Fact]
    public void There_is_one_record_per_policy_depth_and_repeat()
    {
        SpeedResult result = Run("static-16", "static-4");

        Assert.Equal(
            [
                ("static-16", 4, 0), ("static-16", 40, 0), ("static-4", 4, 0), ("static-4", 40, 0),
                ("static-4", 4, 1), ("static-4", 40, 1), ("static-16", 4, 1), ("static-16", 40, 1),
            ],
            result.Decodes.Select(record => (record.Policy, record.Depth, record.Repeat)));
        Assert.All(result.Decodes, record => Assert.Equal([1, 1, 1], record.StepMs));
        Assert.All(result.Decodes, record => Assert.Equal(1, record.MsPerToken));
        Assert.Equal(
            [("static-16", 0, 24, 2, 2), ("static-4", 0, 24, 2, 2), ("static-4", 1, 24, 2, 2), ("static-16", 1, 24, 2, 2)],
            result.Prefills.Select(record => (record.Policy, record.Repeat, record.Tokens, (int)record.PrefillMs, (int)record.FirstTokenMs)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 3)]
    public void The_timed_steps_are_those_of_a_plain_decode_after_the_ids(int sinks, int recent)
    {
        IReadOnlyList<PrecisionPolicy> policies = PolicyCatalog.Parse("static-2", sinks, recent);
        using ModelSession session = new(model, policies[0], CacheMode.Prefill, Setup, Settings.LongestSequence);
        List<int> expected = [];
        session.Advance(ids.Ids.Span[..4], null);
        foreach (int id in ids.Ids.Span.Slice(4, 3))
        {
            session.Advance([id], (_, logits) => expected.Add(System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits)));
        }

        Assert.All(Run(policies).Decodes.Where(record => record.Depth == 4), record => Assert.Equal(expected, record.LikeliestNext));
    }

    [Fact]
    public void The_cache_is_measured_at_the_depth()
    {
        DecodeRecord[] records = [.. Run("static-16", "static-4").Decodes.Where(record => record is { Depth: 40, Repeat: 0 })];
        CacheShape shape = model.CacheShape;

        Assert.True(records[0].KvBytes >= 40 * shape.ElementsPerToken * 2);
        Assert.True(records[1].KvBytes < records[0].KvBytes / 3, $"{records[1].KvBytes} bytes at 4 bits, {records[0].KvBytes} at 16");
        Assert.InRange(records[1].EffectiveBits, 4.25, 5.25);
    }

    [Fact]
    public void Prompts_are_timed_at_their_depths_too_and_leave_no_trace()
    {
        SpeedSettings deep = Settings with { PrefillDepths = [10, 40] };
        TokenIds longer = TokenIds.Draw(deep.LongestSequence, model.Shape.Vocabulary, 1);
        Assert.Equal(64, deep.LongestSequence);

        SpeedResult result = new SpeedBenchmark(model, deep, longer, Setup, new SteppingClock()).Run([PolicyCatalog.ParseOne("static-4")], null, TestContext.Current.CancellationToken);

        Assert.Equal([(0, 0, 24, 1), (10, 0, 24, 1), (40, 0, 24, 1), (0, 1, 24, 1), (10, 1, 24, 1), (40, 1, 24, 1)], result.Prefills.Select(record => (record.Depth, record.Repeat, record.Tokens, (int)record.LogitsMs)));
        Assert.Equal(Run("static-4").Decodes.SelectMany(record => record.LikeliestNext), result.Decodes.SelectMany(record => record.LikeliestNext));
        Assert.Equal([2], SpeedSummary.Of(result).Select(policy => (int)policy.FirstTokenMs));
    }

    [Theory]
    [InlineData]
    [InlineData(10, 44)]
    public void Progress_ends_at_the_announced_total(params int[] prefillDepths)
    {
        List<long> reported = [];
        SpeedSettings settings = Settings with { PrefillDepths = prefillDepths };
        SpeedBenchmark benchmark = new(model, settings, TokenIds.Draw(settings.LongestSequence, model.Shape.Vocabulary, 1), Setup, new SteppingClock());
        benchmark.Run([PolicyCatalog.ParseOne("static-4")], new Reporter<long>(reported.Add), TestContext.Current.CancellationToken);

        Assert.Equal(benchmark.TotalTokens(1), reported[^1]);
        Assert.Equal(reported.Order(), reported);
    }

    [Fact]
    public void It_can_be_cancelled() => Assert.Throws<OperationCanceledException>(() =>
        new SpeedBenchmark(model, Settings, ids, Setup, new SteppingClock()).Run([PolicyCatalog.ParseOne("static-4")], null, new CancellationToken(canceled: true)));

    private static EngineSetup Setup => new(1, new KvCacheOptions());

    private SpeedResult Run(params string[] policies) => Run([.. policies.Select(name => PolicyCatalog.ParseOne(name))]);

    private SpeedResult Run(IReadOnlyList<PrecisionPolicy> policies) =>
        new SpeedBenchmark(model, Settings, ids, Setup, new SteppingClock()).Run(policies, null, TestContext.Current.CancellationToken);
}
