using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Inference;

/// <summary>What the layers showed of each token, against attention computed from the observed rows in double precision.</summary>
public sealed class SessionSignalsTests(MicroModel micro) : IClassFixture<MicroModel>
{
    private const int Length = 40;
    private const int Window = 4;

    [Fact]
    public void A_prompts_signals_are_those_of_plain_attention()
    {
        int[] tokens = micro.Tokens(Length);
        LlamaShape shape = micro.Float.Shape;
        int lanes = shape.Layers * shape.KvHeads;
        var keys = new List<float[]>[lanes];
        var queries = new List<float[]>[lanes];
        for (int lane = 0; lane < lanes; lane++)
        {
            (keys[lane], queries[lane]) = ([], []);
        }

        using Session session = Open(BitWidth.ThirtyTwo, observer: (lane, _, key, _, query) =>
        {
            keys[lane].Add(key.ToArray());
            queries[lane].Add(query.ToArray());
        });
        session.Prefill(tokens);

        for (int row = 0; row < Length; row++)
        {
            TokenSignals actual = session.Signals(row);
            double[][] weights = [.. Enumerable.Range(0, lanes).SelectMany(lane => Weights(keys[lane], queries[lane][row], row, shape.HeadDim))];
            double[] variances = [.. weights.Select(head => head[row]).Chunk(shape.Heads).Select(Variance)];

            Assert.Equal(weights.Average(head => head[row]), actual.SelfAttention, 1e-5);
            Assert.Equal(variances.Average(), actual.AttentionVariance, 1e-6);
            Assert.Equal(Enumerable.Range(0, lanes).Average(lane => Math.Sqrt(keys[lane][row].Sum(value => (double)value * value))), actual.KeyNorm, 1e-4);
            for (int back = 1; back <= Math.Min(Window, row); back++)
            {
                Assert.Equal(weights.Average(head => head[row - back]), session.WeightGiven(row, back), 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Decoding_shows_the_same_signals(int threads)
    {
        int[] tokens = micro.Tokens(Length);
        using Session prompt = Open(BitWidth.Sixteen), decoding = Open(BitWidth.Sixteen, threads);
        prompt.Prefill(tokens);

        for (int row = 0; row < Length; row++)
        {
            decoding.Decode(tokens[row]);
            decoding.Encode([.. Enumerable.Repeat(KvTier.Of(BitWidth.Sixteen), Math.Max(decoding.Cache.Staged - Window, 0))]);
            TokenSignals expected = prompt.Signals(row);
            TokenSignals actual = decoding.Signals(0);

            Assert.Equal(expected.SelfAttention, actual.SelfAttention, 1e-4);
            Assert.Equal(expected.AttentionVariance, actual.AttentionVariance, 1e-5);
            Assert.Equal(expected.KeyNorm, actual.KeyNorm, 1e-3);
            for (int back = 1; back <= Math.Min(Window, row); back++)
            {
                Assert.Equal(prompt.WeightGiven(row, back), decoding.WeightGiven(0, back), 1e-4);
            }
        }
    }

    [Fact]
    public void A_session_that_records_none_says_so()
    {
        using Session session = new(micro.Float, new SessionOptions { Threads = 1, Cache = new KvCacheOptions { MaxTokens = 8 } });
        session.Decode(1);

        Assert.Throws<InvalidOperationException>(() => session.Signals(0));
    }

    private Session Open(BitWidth staging, int threads = 2, HeadObserver? observer = null) => new(micro.Float, new SessionOptions
    {
        Threads = threads,
        RecordSignals = true,
        SignalWindow = Window,
        Cache = new KvCacheOptions { MaxTokens = Length, Staging = staging },
        Observer = observer,
    });

    private static IEnumerable<double[]> Weights(List<float[]> keys, float[] queries, int row, int headDim)
    {
        foreach (float[] query in queries.Chunk(headDim))
        {
            double[] scores = [.. keys.Take(row + 1).Select(key => key.Zip(query, (k, q) => (double)k * q).Sum() / Math.Sqrt(headDim))];
            double[] exponentials = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
            yield return [.. exponentials.Select(value => value / exponentials.Sum())];
        }
    }

    private static double Variance(double[] values) => values.Average(value => value * value) - (values.Average() * values.Average());
}
