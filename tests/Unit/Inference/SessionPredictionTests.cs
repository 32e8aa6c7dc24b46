using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Inference;

/// <summary>What a step says of its own prediction.</summary>
public sealed class SessionPredictionTests(MicroModel micro) : IClassFixture<MicroModel>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_step_measures_its_logits_to_the_bit_whatever_the_threads(int threads)
    {
        using Session session = Open(threads);
        foreach (int token in micro.Tokens(6))
        {
            ReadOnlySpan<float> logits = session.Decode(token, out NextTokenStatistics next);

            Assert.Equal(NextTokenStatistics.Of(logits), next);
            Assert.Equal(logits.ToArray(), session.Logits.ToArray());
        }
    }

    private Session Open(int threads) => new(micro.Float, new SessionOptions { Threads = threads, Cache = new KvCacheOptions { MaxTokens = 16 } });
}
