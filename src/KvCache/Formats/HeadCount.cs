namespace AdaptiveKv.KvCache.Formats;

/// <summary>How many query heads a kernel handles at once, as a type, so that the compiler drops the unused accumulators.</summary>
internal interface IHeadCount
{
    /// <summary>1 to 3.</summary>
    static abstract int Count { get; }
}

/// <summary>One query head.</summary>
internal readonly struct OneHead : IHeadCount
{
    public static int Count => 1;
}

/// <summary>Three query heads: grouped-query attention of the SmolLM family.</summary>
internal readonly struct ThreeHeads : IHeadCount
{
    public static int Count => 3;
}
