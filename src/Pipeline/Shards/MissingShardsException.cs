namespace AdaptiveKv.Pipeline.Shards;

/// <summary>Shards are not done: the message says which and what to do.</summary>
/// <param name="message">One line.</param>
public sealed class MissingShardsException(string message) : Exception(message);
