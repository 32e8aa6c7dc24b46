using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Unit.KvCache.Attention;

/// <summary>
/// Attention over codes of what SmolLM2-135M itself stores and asks, in the space of its calibrated transform: 512 tokens of text, every lane,
/// queries of 16 positions.
/// </summary>
[Collection(RealModelTests.Name)]
public sealed class RealAttentionTests(RealModel real, CapturedHeads captured) : IClassFixture<CapturedHeads>
{
    private const int QueryStep = 32;

    /// <summary>Per lane, over all its queries: norm of the difference over norm of the precise outputs.</summary>
    [Theory]
    [InlineData(BitWidth.Eight, 0.06)]
    [InlineData(BitWidth.Four, 0.06)]
    [InlineData(BitWidth.Three, 0.06)]
    [InlineData(BitWidth.Two, 0.06)]
    public void The_fused_kernels_stay_near_the_precise_mode_in_every_lane(BitWidth bits, double tolerance)
    {
        using PackedKvCache cache = captured.Coded(real, bits);
        using AttentionWorker fused = new(cache), precise = new(cache, precise: true);

        double[] errors = [.. Enumerable.Range(0, cache.Shape.Lanes).Select(lane => LaneError(
            cache, lane, (queries, tokens, output) => Attend(fused, cache, lane, queries, tokens, output), (_, queries, tokens) => Expected(lane, queries, tokens)))];

        Report($"{(int)bits} bits, fused against precise", errors);
        Assert.InRange(errors.Max(), 1e-9, tolerance);

        double[] Expected(int lane, float[] queries, int tokens)
        {
            float[] output = new float[queries.Length];
            Attend(precise, cache, lane, queries, tokens, output);
            return [.. output.Select(x => (double)x)];
        }
    }

    [Theory]
    [InlineData(BitWidth.Eight)]
    [InlineData(BitWidth.Four)]
    [InlineData(BitWidth.Two)]
    public void The_precise_mode_equals_double_precision(BitWidth bits)
    {
        using PackedKvCache cache = captured.Coded(real, bits);
        using AttentionWorker precise = new(cache, precise: true);

        double[] errors = [.. Enumerable.Range(0, cache.Shape.Lanes).Select(lane =>
        {
            double[][] keys = new double[cache.Count][], values = new double[cache.Count][];
            ReadBack(cache, lane, keys, values);
            return LaneError(cache, lane, (queries, tokens, output) => Attend(precise, cache, lane, queries, tokens, output), (position, _, tokens) => InDouble(captured.Queries(lane, position), keys, values, tokens));
        })];

        Report($"{(int)bits} bits, precise against double precision", errors);
        Assert.InRange(errors.Max(), 0, 1e-4);
    }

    private double LaneError(PackedKvCache cache, int lane, Action<float[], int, float[]> attend, Func<int, float[], int, double[]> expect)
    {
        CacheShape shape = cache.Shape;
        float[] output = new float[shape.QueriesPerKvHead * shape.HeadDim];
        double difference = 0;
        double size = 0;
        for (int tokens = QueryStep; tokens <= CapturedHeads.Tokens; tokens += QueryStep)
        {
            float[] queries = captured.Queries(lane, tokens - 1);
            for (int start = 0; start < queries.Length; start += shape.HeadDim)
            {
                cache.Transform.Query(lane, queries.AsSpan(start, shape.HeadDim));
            }

            attend(queries, tokens, output);
            double[] expected = expect(tokens - 1, queries, tokens);
            difference += output.Zip(expected, (a, b) => (a - b) * (a - b)).Sum();
            size += expected.Sum(x => x * x);
        }

        return Math.Sqrt(difference / size);
    }

    private static void Attend(AttentionWorker worker, PackedKvCache cache, int lane, float[] queries, int tokens, float[] output)
    {
        Span<int> counts = stackalloc int[PackedKvCache.MaxStreams];
        counts[cache.StreamOf(cache.TierAt(0))] = tokens;
        worker.Begin(lane / cache.Shape.KvHeads, lane % cache.Shape.KvHeads, tokens - 1, queries);
        worker.Attend(lane / cache.Shape.KvHeads, lane % cache.Shape.KvHeads, counts);
        worker.Finish(lane % cache.Shape.KvHeads, output);
    }

    /// <summary>Values as they are stored; keys back in the model's space, with the mean of their stretch.</summary>
    private static void ReadBack(PackedKvCache cache, int lane, double[][] keys, double[][] values)
    {
        KvTransform transform = cache.Transform;
        int start = lane * cache.Shape.HeadDim;
        float[] key = new float[cache.Shape.HeadDim], value = new float[cache.Shape.HeadDim], mean = new float[cache.Shape.HeadDim];
        for (int position = 0; position < cache.Count; position++)
        {
            cache.Read(position, lane, key, value);
            Hadamard.Transform(key);
            transform.Turns!.Turn(transform.Mean.Slice(start, mean.Length), transform.Turns.StretchOf(position), mean);
            keys[position] = [.. key.Select((x, i) => ((double)x * transform.Balance[start + i]) + mean[i])];
            values[position] = [.. value.Select(x => (double)x)];
        }
    }

    private static double[] InDouble(float[] queries, double[][] keys, double[][] values, int tokens)
    {
        int headDim = keys[0].Length;
        double[] output = new double[queries.Length];
        for (int start = 0; start < queries.Length; start += headDim)
        {
            double[] weights = [.. keys.Take(tokens).Select(key => key.Select((k, i) => k * queries[start + i]).Sum() / Math.Sqrt(headDim))];
            double largest = weights.Max();
            double total = weights.Sum(score => Math.Exp(score - largest));
            for (int token = 0; token < tokens; token++)
            {
                double weight = Math.Exp(weights[token] - largest) / total;
                for (int i = 0; i < headDim; i++)
                {
                    output[start + i] += weight * values[token][i];
                }
            }
        }

        return output;
    }

    private static void Report(string what, double[] errors) => TestContext.Current.TestOutputHelper?.WriteLine(
        $"{what}: mean {errors.Average():G3}, worst {errors.Max():G3} in lane {Array.IndexOf(errors, errors.Max())}");
}
