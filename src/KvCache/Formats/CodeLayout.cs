namespace AdaptiveKv.KvCache.Formats;

/// <summary>What a format needs to know to place rows in a unit of memory (one lane, a few tokens).</summary>
/// <param name="HeadDim">Elements per row.</param>
/// <param name="GroupSize">Elements that share one scale and minimum; divides <paramref name="HeadDim"/>, a multiple of 32.</param>
/// <param name="TokensPerUnit">Rows per unit: 8 where codes are interleaved by token, else 1.</param>
/// <param name="Rounding">How ranges are chosen.</param>
internal readonly record struct CodeLayout(int HeadDim, int GroupSize, int TokensPerUnit, RangeSearch Rounding)
{
    /// <summary>Rows interleaved in one unit of coded keys or values: one per 32-bit lane of a 256-bit vector.</summary>
    public const int CodedTokens = 8;

    /// <summary>Dimensions per chunk: eight planes of four.</summary>
    public const int ChunkDims = 32;

    /// <summary>Scale groups per row.</summary>
    public int Groups => HeadDim / GroupSize;
}

/// <summary>The step in which attention walks a stream.</summary>
internal static class StreamBlock
{
    /// <summary>Tokens whose scores are computed, exponentiated and summed at a time.</summary>
    public const int Tokens = 32;

    /// <summary>Blocks that hold a number of tokens.</summary>
    public static int Count(int tokens) => (tokens + Tokens - 1) / Tokens;
}
