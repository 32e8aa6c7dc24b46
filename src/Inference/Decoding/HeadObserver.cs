namespace AdaptiveKv.Inference.Decoding;

/// <summary>Sees one token's rows of a lane after rotary embedding. One thread brings the rows of a lane, in order; lanes may come from several threads.</summary>
/// <param name="lane">layer * KvHeads + KV head.</param>
/// <param name="position">Position of the token.</param>
/// <param name="key">[HeadDim].</param>
/// <param name="value">[HeadDim].</param>
/// <param name="queries">[QueriesPerKvHead][HeadDim].</param>
internal delegate void HeadObserver(int lane, int position, ReadOnlySpan<float> key, ReadOnlySpan<float> value, ReadOnlySpan<float> queries);
