namespace AdaptiveKv.Inference.Decoding;

/// <summary>A run of consecutive tokens in a batch. Segments with the same start are branches of one prefix: they do not see each other.</summary>
/// <param name="Start">Position of its first token; what the cache holds before it is its past.</param>
/// <param name="Count">Number of tokens.</param>
internal readonly record struct Segment(int Start, int Count);
