using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;
using AdaptiveKv.Laboratory.Ablation;
using AdaptiveKv.Policies;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Laboratory.Ablation;

public sealed class SimulatedSessionTests
{
    private const int Length = 90;

    /// <summary>A code that loses nothing must predict as the cache at 32 bits does, whatever the chunks.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    public void A_lossless_code_changes_nothing(int tokens)
    {
        float[][] expected = Read(model => new ModelSession(model, PolicyCatalog.ParseOne("static-32"), CacheMode.Decode, new EngineSetup(2, new KvCacheOptions()), Length), out _);
        float[][] simulated = Read(model => Simulate(model, new Recorded(tokens, _ => { }), 0), out _);

        Assert.All(expected.Zip(simulated), pair => Assert.All(pair.First.Zip(pair.Second), logit => Assert.Equal(logit.First, logit.Second, 0.01)));
    }

    [Fact]
    public void Groups_are_replaced_when_they_are_complete_and_sinks_never()
    {
        var code = new Recorded(32, rows => rows.Clear());
        float[][] whole = Read(model => new ModelSession(model, PolicyCatalog.ParseOne("static-32"), CacheMode.Decode, new EngineSetup(2, new KvCacheOptions()), Length), out _);

        float[][] logits = Read(model => Simulate(model, code, 32), out CacheStatistics statistics);

        // Of 90 tokens two groups of 32 are complete; the first one are the sinks.
        Assert.Equal(6, code.Calls);
        Assert.All(whole.Zip(logits).Take(64), pair => Assert.Equal(pair.First[0], pair.Second[0], 0.01));
        Assert.Contains(whole.Zip(logits).Skip(65), pair => Math.Abs(pair.First[0] - pair.Second[0]) > 0.1);
        Assert.Equal(Length, statistics.Tokens);
        Assert.Equal(((32 * 16) + (58 * 3.0)) / Length, statistics.EffectiveBits, 1e-6);
    }

    private static SimulatedSession Simulate(LlamaModel model, SimulatedCode code, int sinks) =>
        new(model, code, BitWidth.Two, sinks, new EngineSetup(2, new KvCacheOptions()), Length);

    private static float[][] Read(Func<LlamaModel, LogitsSession> open, out CacheStatistics statistics)
    {
        using LlamaModel model = LlamaModel.Load(SharedFiles.MicroModel, Arithmetic.Float);
        using LogitsSession session = open(model);
        int[] tokens = model.Tokenizer.Encode(string.Join('\n', File.ReadLines(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Take(2)))[..Length];
        session.Advance(tokens.AsSpan(0, 10), null);
        session.Reset();
        var logits = new List<float[]>();
        session.Advance(tokens.AsSpan(0, 50), (_, row) => logits.Add(row.ToArray()));
        session.Advance(tokens.AsSpan(50), (_, row) => logits.Add(row.ToArray()));
        statistics = session.Statistics();
        return [.. logits];
    }

    private sealed class Recorded(int tokens, Recorded.Change change) : SimulatedCode
    {
        public delegate void Change(Span<float> rows);

        public int Calls { get; private set; }

        public override int Tokens => tokens;

        public override double BitsPerElement(int headDim) => 3;

        public override void Reconstruct(Span<float> keys, Span<float> values, int headDim)
        {
            Calls++;
            change(values);
        }
    }
}
