using AdaptiveKv.Inference;
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
            ReadOnlySpan<float> logits = session.Decode(token);

            Assert.Equal(NextTokenStatistics.Of(logits), session.Next);
            Assert.Equal(logits.ToArray(), session.Logits.ToArray());
        }
    }

    [Fact]
    public void Surprisal_is_that_of_the_prediction_before()
    {
        int[] tokens = micro.Tokens(6);
        using Session session = Open(1);
        float[] before = [];
        for (int i = 0; i < tokens.Length; i++)
        {
            float[] logits = session.Decode(tokens[i]).ToArray();
            if (i == 0)
            {
                Assert.Equal(double.NaN, session.Surprisal);
            }
            else
            {
                Assert.Equal(-LogProbabilities.Of(before, tokens[i]), session.Surprisal, 1e-9);
            }

            before = logits;
        }
    }

    [Fact]
    public void After_a_batch_or_on_another_branch_there_is_no_surprisal()
    {
        using Session session = Open(1);
        session.Decode(1);
        session.Prefill([2]);
        Assert.False(session.Stepped);
        session.Decode(3);
        Assert.True(session.Stepped);
        Assert.Equal(double.NaN, session.Surprisal);

        session.Cache.Rewind(1);
        session.Decode(3);
        Assert.Equal(double.NaN, session.Surprisal);
        session.Decode(4);
        Assert.True(session.Surprisal > 0);
    }

    private Session Open(int threads) => new(micro.Float, new SessionOptions { Threads = threads, Cache = new KvCacheOptions { MaxTokens = 16 } });
}
