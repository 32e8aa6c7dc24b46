using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Inference;

/// <summary>Policies with sinks, a recent window and escalation in all modes, on the micro model.</summary>
public sealed class AdaptiveSessionTests
{
    private const int Tokens = 150;

    /// <summary>Chunks of uneven lengths: the window reaches back into the same chunk, the one before, and beyond.</summary>
    private static readonly int[] Chunks = [64, 5, 1, 30, 50];

    [Theory]
    [InlineData("static-4+sinks2")]
    [InlineData("static-4+recent16")]
    [InlineData("static-2+sinks1+recent40")]
    [InlineData("static-2+recent200")]
    [InlineData("static-0+sinks2+recent16")]
    [InlineData("mix-0-8+recent16")]
    public void Two_passes_and_decoding_predict_the_same(string policy)
    {
        (float[][] decoded, CacheStatistics truth) = Read(policy, CacheMode.Decode);
        (float[][] batched, CacheStatistics two) = Read(policy, CacheMode.TwoPass);

        // Windows are summed otherwise, in their last digits, so that a few rows get other codes.
        float[] apart = [.. decoded.Zip(batched).SelectMany(pair => pair.First.Zip(pair.Second, (one, other) => Math.Abs(one - other)))];
        Assert.All(apart, difference => Assert.InRange(difference, 0, 0.1));
        Assert.InRange(apart.Count(difference => difference > 0.02), 0, apart.Length / 1000);
        Assert.Equal(truth.Tiers.Select(tier => (tier.Tier, tier.Tokens)), two.Tiers.Select(tier => (tier.Tier, tier.Tokens)));

        // Decoding keeps room for the next token's staging.
        Assert.InRange(truth.Bytes - two.Bytes, 0, truth.ElementsPerToken * sizeof(ushort));
    }

    /// <summary>The first pass sees other queries than decoding does, so a few tokens may be judged otherwise.</summary>
    [Theory]
    [InlineData("static-2+escalate10")]
    [InlineData("static-4+sinks1+recent8+escalate10")]
    public void Escalation_moves_about_the_same_share_in_all_modes(string policy)
    {
        int expected = Tokens / 10;
        foreach (CacheMode mode in Enum.GetValues<CacheMode>())
        {
            CacheStatistics statistics = Read(policy, mode).Statistics;
            KvTier up = KvTier.Of(policy.StartsWith("static-2", StringComparison.Ordinal) ? BitWidth.Four : BitWidth.Eight);

            Assert.InRange(statistics.Tiers.Single(tier => tier.Tier == up).Tokens, expected / 2, 2 * expected);
        }
    }

    [Theory]
    [InlineData("static-4+recent32", 32)]
    [InlineData("static-4+sinks3+recent32", 35)]
    [InlineData("static-4+sinks3", 3)]
    public void Tokens_at_16_bits_are_those_the_policy_names(string policy, int whole)
    {
        foreach (CacheMode mode in Enum.GetValues<CacheMode>())
        {
            CacheStatistics statistics = Read(policy, mode).Statistics;

            Assert.Equal([whole, Tokens - whole], statistics.Tiers.Select(tier => tier.Tokens));
            double bits = ((16.0 * whole) + (4.25 * (Tokens - whole))) / Tokens;
            Assert.InRange(statistics.EffectiveBits, bits, bits + 0.6);
        }
    }

    /// <summary>
    /// A window that holds the whole sequence codes nothing. It reads tokens newest first, the streams oldest first, so sums differ in the last
    /// place. At 32 bits that stays a matter of 2e-5 in the logits. At 16 bits some keys fall on the other side of a rounding: a step of 2^-11 of
    /// their size, 1e-3 in the logits, which says nothing about the window; there the first layer, which depends on the token alone, is the same to the bit.
    /// </summary>
    [Fact]
    public void A_window_longer_than_the_sequence_loses_nothing()
    {
        using Reading whole = new("static-32", CacheMode.TwoPass), window = new("static-k32v2+recent200", CacheMode.TwoPass);
        using Reading whole16 = new("static-16", CacheMode.TwoPass), window16 = new("static-2+recent200", CacheMode.TwoPass);

        Assert.Equal(Tokens, Assert.Single(window.Statistics.Tiers).Tokens);
        Assert.All(whole.Logits.Zip(window.Logits), pair => Assert.All(pair.First.Zip(pair.Second), logit => Assert.Equal(logit.First, logit.Second, 1e-4)));
        Assert.All(Enumerable.Range(0, Tokens), position => Assert.Equal(whole16.FirstLayer(position), window16.FirstLayer(position)));
    }

    private static (float[][] Logits, CacheStatistics Statistics) Read(string policy, CacheMode mode)
    {
        using Reading reading = new(policy, mode);
        return (reading.Logits, reading.Statistics);
    }

    /// <summary>The micro model's own text read in uneven chunks.</summary>
    private sealed class Reading : IDisposable
    {
        private readonly LlamaModel model = LlamaModel.Load(SharedFiles.MicroModel, Arithmetic.Float);
        private readonly AdaptiveSession session;

        public Reading(string policy, CacheMode mode)
        {
            session = new AdaptiveSession(model, PolicyCatalog.ParseOne(policy), mode, new EngineSetup(2, new KvCacheOptions { Range = RangeSearch.Clip }), Tokens);
            int[] tokens = model.Tokenizer.Encode(string.Join('\n', File.ReadLines(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Take(3)))[..Tokens];
            var logits = new List<float[]>();
            int done = 0;
            foreach (int chunk in Chunks)
            {
                session.Advance(tokens.AsSpan(done, chunk), (_, row) => logits.Add(row.ToArray()));
                done += chunk;
            }

            Logits = [.. logits];
        }

        public float[][] Logits { get; }

        public CacheStatistics Statistics => session.Cache.Statistics();

        /// <summary>Keys and values of the first layer.</summary>
        public float[] FirstLayer(int position)
        {
            CacheShape shape = session.Cache.Shape;
            float[] rows = new float[2 * shape.KvHeads * shape.HeadDim];
            for (int head = 0; head < shape.KvHeads; head++)
            {
                Span<float> own = rows.AsSpan(2 * head * shape.HeadDim, 2 * shape.HeadDim);
                session.Cache.Read(position, head, own[..shape.HeadDim], own[shape.HeadDim..]);
            }

            return rows;
        }

        public void Dispose()
        {
            session.Dispose();
            model.Dispose();
        }
    }
}
