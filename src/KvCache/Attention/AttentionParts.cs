using System.Numerics;
using AdaptiveKv.KvCache.Formats;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.KvCache.Attention;

/// <summary>
/// The running softmax of every piece of the past, for each KV head of one layer. Where the past is cut depends on its length alone, so that its
/// sums have one order, and the same bits, however many threads attend to the pieces. While it is short it is one piece, as in a batched pass.
/// </summary>
internal sealed unsafe class AttentionParts : IDisposable
{
    private const int WholeBlocks = 8; // 256 tokens, over which cutting a head pays for itself.
    private const int LeastBlocks = 4;
    private const int LayerPieces = 12; // Of all heads together: even shares for up to as many threads. More cost more than they even out (laboratory breakdown).

    private readonly NativeBuffer memory;
    private readonly SoftmaxState[] states; // [KV head][piece]
    private readonly int mostPieces;
    private int blocks;

    /// <summary>Allocates the sums.</summary>
    /// <param name="cache">The cache that is attended to.</param>
    public AttentionParts(PackedKvCache cache)
    {
        CacheShape shape = cache.Shape;
        int groups = shape.HeadDim / cache.GroupSize;
        mostPieces = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(LayerPieces / shape.KvHeads, 1));
        int floats = SoftmaxState.AlignedFloatsFor(shape.QueriesPerKvHead, shape.HeadDim, groups);
        states = new SoftmaxState[shape.KvHeads * mostPieces];
        memory = NativeBuffer.OfFloats((long)states.Length * floats);
        for (int i = 0; i < states.Length; i++)
        {
            states[i] = SoftmaxState.In(memory.Floats + ((long)i * floats), shape.QueriesPerKvHead, shape.HeadDim, groups);
        }
    }

    /// <summary>Pieces of each KV head's past, at least 1.</summary>
    public int Pieces { get; private set; } = 1;

    /// <summary>Cuts a past.</summary>
    /// <param name="length">Its 32-token blocks, as <see cref="AttentionWorker.Blocks"/> counts them.</param>
    public void Cut(int length)
    {
        blocks = length;
        Pieces = length <= WholeBlocks ? 1 : Math.Min(mostPieces, 1 << BitOperations.Log2((uint)(length / LeastBlocks)));
    }

    /// <summary>The blocks of a piece.</summary>
    public (int First, int Last) BlocksOf(int piece) => (blocks * piece / Pieces, blocks * (piece + 1) / Pieces);

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    internal ref readonly SoftmaxState Of(int kvHead, int piece) => ref states[(kvHead * mostPieces) + piece];
}
