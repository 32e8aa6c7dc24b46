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

    /// <summary>Nothing seen yet.</summary>
    public HeadStatistics(CacheShape shape)
    {
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
    /// <param name="key">[HeadDim].</param>
    /// <param name="value">[HeadDim].</param>
    /// <param name="queries">[QueriesPerKvHead][HeadDim].</param>
    public void Add(int lane, ReadOnlySpan<float> key, ReadOnlySpan<float> value, ReadOnlySpan<float> queries)
    {
        int start = lane * shape.HeadDim;
        rows[lane]++;
        Key.Add(start, key);
        Value.Add(start, value);
        for (int head = 0; head < shape.QueriesPerKvHead; head++)
        {
            Query.Add(start, queries.Slice(head * shape.HeadDim, shape.HeadDim));
        }
    }

    /// <summary>mu: mean key per channel.</summary>
    public float[] KeyMean() => [.. Key.Sum.Select((sum, i) => (float)(sum / rows[i / shape.HeadDim]))];
}
