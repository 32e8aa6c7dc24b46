namespace AdaptiveKv.KvCache;

/// <summary>Dimensions of a KV cache.</summary>
/// <param name="Layers">Transformer blocks.</param>
/// <param name="KvHeads">Key/value heads per block.</param>
/// <param name="QueriesPerKvHead">Query heads that share one key/value head (grouped-query attention).</param>
/// <param name="HeadDim">Elements per head; a multiple of 32 up to 256.</param>
public sealed record CacheShape(int Layers, int KvHeads, int QueriesPerKvHead, int HeadDim)
{
    /// <summary>(layer, KV head) pairs; each holds one key row and one value row per token.</summary>
    public int Lanes => Layers * KvHeads;

    /// <summary>Stored elements (keys and values) per token.</summary>
    public long ElementsPerToken => 2L * Lanes * HeadDim;

    /// <summary>Throws where the kernels do not reach.</summary>
    internal void Validate()
    {
        if (HeadDim is < 32 or > 256 || HeadDim % 32 != 0)
        {
            throw new ArgumentException($"head dimension {HeadDim}: the packed cache needs a multiple of 32 from 32 to 256");
        }

        if (Layers < 1 || KvHeads < 1 || QueriesPerKvHead < 1)
        {
            throw new ArgumentException($"cache of {Layers} layers, {KvHeads} KV heads, {QueriesPerKvHead} queries each: all must be at least 1");
        }
    }
}
