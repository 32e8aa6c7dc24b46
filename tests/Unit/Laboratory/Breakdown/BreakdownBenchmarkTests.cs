using System.Text.Json;
using AdaptiveKv.Cli;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Laboratory;
using AdaptiveKv.Laboratory.Breakdown;
using AdaptiveKv.Policies;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Cli;

namespace AdaptiveKv.Unit.Laboratory.Breakdown;

public sealed class BreakdownBenchmarkTests
{
    private static readonly SpeedSettings Settings = new([8, 70], 30, 3, 2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_parts_of_a_step_make_up_the_step(int threads)
    {
        using LlamaModel model = LlamaModel.Load(SharedFiles.MicroModel);
        TokenIds ids = TokenIds.Draw(Settings.LongestSequence, model.Shape.Vocabulary, 1);
        BreakdownBenchmark benchmark = new(model, Settings, new EngineSetup(threads, new KvCacheOptions()), TimeProvider.System);

        IReadOnlyList<StepBreakdown> steps = benchmark.Run(PolicyCatalog.Parse("static-16,static-4", 0, 0), new TokenFeed(ids, null, TestContext.Current.CancellationToken));

        Assert.Equal([("static-16", 8), ("static-16", 70), ("static-4", 8), ("static-4", 70)], steps.Select(step => (step.Policy, step.Depth)));
        Assert.All(steps, step =>
        {
            Assert.Equal(Enum.GetValues<StepPart>().Length + BreakdownBenchmark.AfterLayers.Count, step.Parts.Count);
            Assert.All(step.Parts, part => Assert.True(part.Microseconds >= 0));
            Assert.InRange(step.SumMicroseconds, 0.1 * step.TimedMicroseconds, 2 * step.TimedMicroseconds);
        });
        Assert.Equal([("static-16", 30), ("static-4", 30)], benchmark.Prompts.Select(prompt => (prompt.Policy, prompt.Depth)));
        Assert.All(benchmark.Prompts, prompt =>
        {
            Assert.InRange(prompt.SumMicroseconds, 0.1 * prompt.TimedMicroseconds, 2 * prompt.TimedMicroseconds);
            Assert.All(prompt.Parts.Where(part => part.Work.Int8Products + part.Work.FloatProducts > 0), part => Assert.True(part.Microseconds > 0));
        });
        Assert.Equal("query key value", steps[0].Parts[1].Part);
        Assert.Equal(["choice", "coding"], steps[0].Parts.TakeLast(2).Select(part => part.Part));
    }

    [Fact]
    public void The_parts_of_a_step_taken_together_make_up_each_sessions_share()
    {
        using LlamaModel model = LlamaModel.Load(SharedFiles.MicroModel);
        TokenIds ids = TokenIds.Draw(Settings.LongestSequence, model.Shape.Vocabulary, 1);
        TogetherBenchmark benchmark = new(model, Settings, new EngineSetup(2, new KvCacheOptions()), TimeProvider.System);
        IReadOnlyList<PrecisionPolicy> company = [.. Enumerable.Range(0, 6).Select(_ => PolicyCatalog.Parse("static-4", 0, 0)[0])];
        List<long> read = [];

        IReadOnlyList<StepBreakdown> steps = benchmark.Run([company], new TokenFeed(ids, new Heard(read), TestContext.Current.CancellationToken));

        Assert.Equal([8, 70], steps.Select(step => step.Depth));
        Assert.All(steps, step =>
        {
            Assert.InRange(step.SumMicroseconds, 0.1 * step.TimedMicroseconds, 2 * step.TimedMicroseconds);
            Assert.All(step.Parts.Where(part => part.Work.Int8Products + part.Work.FloatProducts > 0), part => Assert.True(part.Microseconds > 0, part.Part));
        });
        Assert.Equal(TogetherBenchmark.Outside, steps[0].Parts[^1].Part);
        Assert.Equal(benchmark.TotalTokens(1, 3), read[^1]);
    }

    [Fact]
    public void The_work_is_that_of_the_weights_and_of_the_cached_tokens()
    {
        using LlamaModel model = LlamaModel.Load(SharedFiles.MicroModel);
        CacheShape shape = model.CacheShape;
        using PackedKvCache cache = new(shape, new KvCacheOptions { MaxTokens = 16 });
        for (int token = 0; token < 12; token++)
        {
            cache.Append(KvTier.Of(token < 8 ? BitWidth.Four : BitWidth.Sixteen));
        }

        long rows = (long)shape.Lanes * shape.HeadDim;
        StepWork keys = StepWork.Of(StepPart.AttentionKeys, model, cache);
        Assert.Equal((rows * 8 * shape.QueriesPerKvHead, rows * 4 * shape.QueriesPerKvHead), (keys.Int8Products, keys.FloatProducts));
        Assert.InRange(keys.Bytes, (rows * 8 / 2) + (rows * 4 * 2), (rows * 8) + (rows * 4 * 2));
        Assert.Equal(keys, StepWork.Of(StepPart.AttentionValues, model, cache));
        Assert.Equal(2L * model.Shape.Vocabulary * model.Shape.Hidden, StepWork.Of(StepPart.Logits, model, cache).Int8Products);
        Assert.Equal(default, StepWork.Of(StepPart.Norms, model, cache));
    }

    [Fact]
    public void A_session_that_is_not_asked_for_times_has_none()
    {
        using LlamaModel model = LlamaModel.Load(SharedFiles.MicroModel);
        using Session session = new(model, new SessionOptions { Cache = new KvCacheOptions { MaxTokens = 4 } });

        session.Decode(1);

        Assert.Null(session.Options.Times);
    }

    [Fact]
    public void The_command_prints_every_policy_and_depth_with_the_limits()
    {
        using TestTerminal terminal = new();

        Assert.Equal(ExitCode.Done, Experiments.Run(
            ["breakdown", "--model", SharedFiles.MicroModel, "--force", "--policies", "static-16,static-4", "--depths", "20,8", "--tokens", "4", "--repeats", "2", "--threads", "1", "--sessions", "3", "--json"],
            terminal.Terminal));

        JsonElement report = JsonElement.Parse(terminal.Output);
        Assert.Equal(4, report.GetProperty("steps").GetArrayLength());
        Assert.Equal(2, report.GetProperty("prompts").GetArrayLength());
        Assert.Equal(4, report.GetProperty("together").GetArrayLength());
        Assert.True(report.GetProperty("limits").GetProperty("memory_gigabytes_per_second").GetDouble() > 0);
    }

    [Fact]
    public void The_limits_of_a_machine_are_measured()
    {
        MachineLimits limits = MachineLimits.Measure(1);

        Assert.All(
            (double[])[limits.MemoryGigabytesPerSecond, limits.CacheGigabytesPerSecond, limits.Int8GigaProductsPerSecond, limits.FloatGigaProductsPerSecond],
            limit => Assert.InRange(limit, 0.1, 100_000));
    }

    private sealed class Heard(List<long> values) : IProgress<long>
    {
        public void Report(long value) => values.Add(value);
    }
}
