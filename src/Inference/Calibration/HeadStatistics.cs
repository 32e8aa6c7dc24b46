using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Calibration;

/// <summary>
/// Streaming statistics, per (layer, KV head, channel), of keys and queries after rotary embedding and of values. One thread adds the
/// rows of a lane in order, so the result does not depend on the number of threads.
/// </summary>
public sealed class HeadStatistics
{
    private readonly CacheShape shape;
    private readonly long[] rows;
    private readonly double[] keysBefore; // [lane][channel]
    private readonly double[][] keysIn; // [stretch][lane][channel]
    private readonly long[][] rowsIn; // [stretch][lane]

    /// <summary>Nothing seen yet.</summary>
    /// <param name="shape">The cache whose rows are seen.</param>
    /// <param name="positions">Most tokens of a sequence.</param>
    public HeadStatistics(CacheShape shape, int positions)
    {
        int stretches = ((positions - 1) / MeanTurns.StretchTokens) + 1;
        keysBefore = new double[shape.Lanes * shape.HeadDim];
        keysIn = [.. Enumerable.Range(0, stretches).Select(_ => new double[keysBefore.Length])];
        rowsIn = [.. Enumerable.Range(0, stretches).Select(_ => new long[shape.Lanes])];
        this.shape = shape;
        rows = new long[shape.Lanes];
        Key = new ChannelRange(shape.Lanes * shape.HeadDim);
        Value = new ChannelRange(shape.Lanes * shape.HeadDim);
        Query = new ChannelRange(shape.Lanes * shape.HeadDim);
    }

    /// <summary>Tokens seen.</summary>
    public long Tokens => rows[0];

    /// <summary>Keys, [lane][channel].</summary>
    public ChannelRange Key { get; }

    /// <summary>Values, [lane][channel].</summary>
    public ChannelRange Value { get; }

    /// <summary>Queries of the heads that share a lane, [lane][channel].</summary>
    public ChannelRange Query { get; }

    /// <summary>Adds one token's rows of a lane.</summary>
    /// <param name="lane">layer * KvHeads + KV head.</param>
    /// <param name="position">Position of the token.</param>
    /// <param name="key">[HeadDim], after rotary embedding.</param>
    /// <param name="keyBefore">[HeadDim], before it.</param>
    /// <param name="value">[HeadDim].</param>
    /// <param name="queries">[QueriesPerKvHead][HeadDim].</param>
    public void Add(int lane, int position, ReadOnlySpan<float> key, ReadOnlySpan<float> keyBefore, ReadOnlySpan<float> value, ReadOnlySpan<float> queries)
    {
        int stretch = position / MeanTurns.StretchTokens;
        rowsIn[stretch][lane]++;
        int start = lane * shape.HeadDim;
        rows[lane]++;
        Key.Add(start, key);
        for (int i = 0; i < key.Length; i++)
        {
            keysBefore[start + i] += keyBefore[i];
            keysIn[stretch][start + i] += key[i];
        }

        Value.Add(start, value);
        for (int head = 0; head < shape.QueriesPerKvHead; head++)
        {
            Query.Add(start, queries.Slice(head * shape.HeadDim, shape.HeadDim));
        }
    }

    /// <summary>mu: mean key per channel, before rotary embedding.</summary>
    public float[] KeyMean() => [.. keysBefore.Select((sum, i) => (float)(sum / rows[i / shape.HeadDim]))];

    /// <summary>Variance of keys per channel around the turned mean: E[k^2] - 2 E[k m] + E[m^2].</summary>
    /// <param name="mean">[lane][channel], before rotary embedding.</param>
    /// <param name="turns">How it turns.</param>
    public double[] KeyVariance(float[] mean, MeanTurns turns)
    {
        double[] sums = [.. Key.Squares];
        float[] turned = new float[shape.HeadDim];
        for (int stretch = 0; stretch < keysIn.Length; stretch++)
        {
            for (int lane = 0; lane < shape.Lanes; lane++)
            {
                int start = lane * shape.HeadDim;
                turns.Turn(mean.AsSpan(start, shape.HeadDim), turns.StretchOf(stretch * MeanTurns.StretchTokens), turned);
                for (int i = 0; i < turned.Length; i++)
                {
                    sums[start + i] += turned[i] * ((rowsIn[stretch][lane] * (double)turned[i]) - (2 * keysIn[stretch][start + i]));
                }
            }
        }

        return [.. sums.Select((sum, i) => sum / rows[i / shape.HeadDim])];
    }
}
