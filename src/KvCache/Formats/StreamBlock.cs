namespace AdaptiveKv.KvCache.Formats;

/// <summary>The step in which attention walks a stream.</summary>
internal static class StreamBlock
{
    /// <summary>Tokens whose scores are computed, exponentiated and summed at a time.</summary>
    public const int Tokens = 32;

    /// <summary>Blocks that hold a number of tokens.</summary>
    public static int Count(int tokens) => (tokens + Tokens - 1) / Tokens;
}
