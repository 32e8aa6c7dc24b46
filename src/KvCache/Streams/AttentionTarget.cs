using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Streams;

/// <summary>What attends to a stream: the queries of one token that share a KV head, and where their sums go.</summary>
/// <param name="Queries">The queries.</param>
/// <param name="State">Their running sums.</param>
/// <param name="Offsets">What the keys' means add to their scores.</param>
/// <param name="Seen">Tokens of the stream that the token sees.</param>
internal readonly record struct AttentionTarget(QueryBlock Queries, SoftmaxState State, ScoreOffsets Offsets, int Seen);
